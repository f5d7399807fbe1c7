"""Trims GitHub's description of its REST API (OpenAPI 3.0) to the answers that the simulated GitHub gives, as JSON Schemas.

    python3 trim.py api.github.com.json > description.json

The description is the file `generated/api.github.com.json` of the npm package `@octokit/openapi` 23.0.2, whose LICENSE (MIT) goes
with it. What comes of it is not in this repository: the tests read it as `github-api/description.json` from the folder that
AUTHS_TEST_VECTORS names.
"""

import json
import sys

ROUTES = [
    ("GET", "/user"),
    ("GET", "/user/{account_id}"),
    ("GET", "/users/{username}"),
    ("POST", "/gists"),
    ("GET", "/gists/{gist_id}"),
    ("POST", "/applications/{client_id}/token"),
    ("GET", "/user/memberships/orgs"),
    ("GET", "/user/memberships/orgs/{org}"),
    ("GET", "/orgs/{org}"),
]
KEPT = {
    "type", "properties", "required", "items", "additionalProperties", "enum", "oneOf", "anyOf", "allOf", "$ref",
    "minItems", "maxItems", "maxLength", "minLength", "minimum", "maximum", "pattern",
}  # fmt: skip


def schema(node):
    """The schema without words and examples; `nullable` as JSON Schema says it."""
    kept = {}
    for name, value in node.items():
        if name not in KEPT:
            continue
        if name == "properties":
            value = {key: schema(part) for key, part in value.items()}
        elif name in ("items", "additionalProperties") and isinstance(value, dict):
            value = schema(value)
        elif name in ("oneOf", "anyOf", "allOf"):
            value = [schema(part) for part in value]
        kept[name] = value
    if "discriminator" in node and "oneOf" in kept:
        kept["anyOf"] = kept.pop("oneOf")
    if node.get("nullable"):
        kept = {"anyOf": [kept, {"type": "null"}]}
    return kept


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rsplit("/", 1)[1]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        whole = json.load(file)
    components = whole["components"]
    routes = {}
    for method, path in ROUTES:
        answers = {}
        for status, answer in whole["paths"][path][method.lower()]["responses"].items():
            if "$ref" in answer:
                answer = components["responses"][answer["$ref"].rsplit("/", 1)[1]]
            content = answer.get("content", {}).get("application/json")
            if content:
                answers[status] = schema(content["schema"])
        routes[f"{method} {path}"] = answers
    schemas, waiting = {}, list(references(routes))
    while waiting:
        name = waiting.pop()
        if name not in schemas:
            schemas[name] = schema(components["schemas"][name])
            waiting.extend(references(schemas[name]))
    comment = f"GitHub's description of its REST API, @octokit/openapi {whole['info']['version']}, trimmed by trim.py. MIT: see LICENSE."
    trimmed = {"$comment": comment, "routes": routes, "components": {"schemas": dict(sorted(schemas.items()))}}
    json.dump(trimmed, sys.stdout, indent=1, ensure_ascii=True)
    print()


if __name__ == "__main__":
    main()

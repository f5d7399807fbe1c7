"""Makes and checks PyPI tokens with pypitoken and pymacaroons, for tests/tests/pypi_tokens.rs.

One JSON object a line in, one a line out:

    {"do": "make", "domain", "identifier", "key", "restrict": [{...}, ...]}    -> {"token"}
    {"do": "sign", "domain", "identifier", "key", "caveats": [hex, ...]}       -> {"token"}
    {"do": "check", "token", "key", "context": {...}}                          -> {"outcome"}, and "redump" when it was read

A key is hex. An outcome is valid, invalid, load_error, or crash: an error that is none of the library's own.
"""

import json
import sys

import pymacaroons
import pypitoken


def make(asked):
    token = pypitoken.Token.create(
        domain=asked["domain"], identifier=asked["identifier"], key=bytes.fromhex(asked["key"])
    )
    for restrictions in asked["restrict"]:
        token.restrict(**restrictions)
    return {"token": token.dump()}


def sign(asked):
    macaroon = pymacaroons.Macaroon(
        location=asked["domain"],
        identifier=asked["identifier"],
        key=bytes.fromhex(asked["key"]),
        version=pymacaroons.MACAROON_V2,
    )
    for caveat in asked["caveats"]:
        macaroon.add_first_party_caveat(bytes.fromhex(caveat))
    return {"token": "pypi-" + macaroon.serialize()}


def check(asked):
    try:
        token = pypitoken.Token.load(asked["token"])
    except pypitoken.LoaderError:
        return {"outcome": "load_error"}
    # Not everything that is read can be written again.
    try:
        answer = {"redump": token.dump()}
    except Exception:
        answer = {}
    try:
        token.check(key=bytes.fromhex(asked["key"]), **asked["context"])
    except pypitoken.PyPITokenException:
        return {"outcome": "invalid", **answer}
    except Exception:
        return {"outcome": "crash", **answer}
    return {"outcome": "valid", **answer}


def main():
    work = {"make": make, "sign": sign, "check": check}
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(work[asked["do"]](asked)))


if __name__ == "__main__":
    main()

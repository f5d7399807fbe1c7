#!/usr/bin/env python3
"""Verifies W3C Data Integrity proofs of the cryptosuite eddsa-jcs-2022, without a line of this project's Rust.

It knows nothing of auths but that a claim names its signer in `did`: what it accepts, any tool of the standard accepts.

    verify_claim.py FILE...            verify claims; one line each; exit code 1 when one is refused
    verify_claim.py --generic FILE...  the same for any document of the cryptosuite: no `did` is asked for
    verify_claim.py --batch            claims from standard input, one in base64 a line; an answer in JSON a line
    verify_claim.py --canonical FILE   writes the RFC 8785 form of a JSON file; exit code 1 when it has none
    verify_claim.py --steps FILE SEED  writes, in JSON, every step of the document's signature, made anew by the key of that seed

Sources: Verifiable Credential Data Integrity 1.0, section 4.4; Data Integrity EdDSA Cryptosuites 1.0, sections 3.3.2 to
3.3.5; the did:key method, section 3. Needs `cryptography` and `rfc8785` (tests/requirements.txt).
"""

import base64
import hashlib
import json
import sys

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
ED25519_PUB = b"\xed\x01"


class Refused(Exception):
    """The document does not verify, and why."""


def unique_members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a key stands twice")
    return members


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def load(data):
    """Reads JSON from bytes; refuses what is not UTF-8, and duplicate keys, which parsers read differently."""
    text = data.decode("utf-8", errors="strict")
    return json.loads(text, object_pairs_hook=unique_members, parse_constant=no_constant)


def from_base58btc(text):
    """Decodes multibase base58btc: 'z', then one '1' for each leading zero byte, then a number in base 58."""
    if not isinstance(text, str) or not text.startswith("z") or len(text) > 200:
        raise Refused("not multibase base58btc")
    digits = text[1:]
    number = 0
    for digit in digits:
        value = ALPHABET.find(digit)
        if value < 0:
            raise Refused("not base58btc")
        number = number * 58 + value
    zeros = len(digits) - len(digits.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def key_of(method):
    """The key that a verification method of a did:key spells, and its DID."""
    if not isinstance(method, str) or method.count("#") != 1:
        raise Refused("verificationMethod is not a DID URL with a fragment")
    did, fragment = method.split("#")
    if did != "did:key:" + fragment:
        raise Refused("verificationMethod is not the key of a did:key")
    decoded = from_base58btc(fragment)
    if len(decoded) != 34 or decoded[:2] != ED25519_PUB:
        raise Refused("the did:key is not of an Ed25519 key")
    return did, Ed25519PublicKey.from_public_bytes(decoded[2:])


def take_apart(document):
    """The proof configuration, the document without its proof, and the text of the signature."""
    if not isinstance(document, dict) or not isinstance(document.get("proof"), dict):
        raise Refused("no proof, or not one")
    unsecured = {key: value for key, value in document.items() if key != "proof"}
    proof = dict(document["proof"])
    value = proof.pop("proofValue", None)
    return proof, unsecured, value


def steps(document, seed):
    """Every step from the document to its signature (Data Integrity EdDSA Cryptosuites 1.0, sections 3.3.1 and 3.3.3 to 3.3.6)."""
    parts = dict(zip(("proof", "document"), take_apart(document)[:2]))
    canonical = {name: rfc8785.dumps(part) for name, part in parts.items()}
    hashes = {name: hashlib.sha256(data).digest() for name, data in canonical.items()}
    hash_data = hashes["proof"] + hashes["document"]
    return {
        **{f"{name}.json": data.decode("utf-8") for name, data in canonical.items()},
        **{f"{name}.sha256": digest.hex() for name, digest in hashes.items()},
        "hash-data.hex": hash_data.hex(),
        "signature.hex": Ed25519PrivateKey.from_private_bytes(seed).sign(hash_data).hex(),
    }


def verify(document, generic=False):
    """Verifies a parsed document, or raises Refused."""
    proof, unsecured, value = take_apart(document)
    signature = from_base58btc(value)
    if proof.get("type") != "DataIntegrityProof":
        raise Refused("proof.type")
    if proof.get("cryptosuite") != "eddsa-jcs-2022":
        raise Refused("proof.cryptosuite")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Refused("proof.proofPurpose")
    if "@context" not in unsecured or proof.get("@context") != unsecured["@context"]:
        raise Refused("proof.@context is not the document's")
    did, key = key_of(proof.get("verificationMethod"))
    if not generic and unsecured.get("did") != did:
        raise Refused("verificationMethod is not a key of the document's did")
    if len(signature) != 64:
        raise Refused("the signature is not 64 bytes long")
    try:
        signed = b"".join(hashlib.sha256(rfc8785.dumps(part)).digest() for part in (proof, unsecured))
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise Refused(f"no canonical form: {error}") from error
    try:
        key.verify(signature, signed)
    except InvalidSignature as error:
        raise Refused("the signature does not verify") from error


def check(data, generic=False):
    """(the document or None, None or why it was refused)"""
    try:
        document = load(data)
    except (ValueError, RecursionError) as error:
        return None, f"not JSON: {error}"
    try:
        verify(document, generic)
    except Refused as error:
        return document, str(error)
    return document, None


def fingerprint(document):
    """Equal for equal JSON values, whatever their white space and order; numbers as they were read."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def batch():
    for line in sys.stdin:
        document, refused = check(base64.b64decode(line, validate=False))
        value = None if document is None else fingerprint(document)
        print(json.dumps({"value": value, "refused": refused}))


def main(arguments):
    if arguments == ["--batch"]:
        batch()
        return 0
    if arguments[:1] == ["--canonical"] and len(arguments) == 2:
        with open(arguments[1], "rb") as file:
            data = file.read()
        try:
            canonical = rfc8785.dumps(load(data))
        except (ValueError, RecursionError) as error:
            print(f"{arguments[1]}: no canonical form: {error}")
            return 1
        sys.stdout.buffer.write(canonical)
        return 0
    if arguments[:1] == ["--steps"] and len(arguments) == 3:
        with open(arguments[1], "rb") as file:
            print(json.dumps(steps(load(file.read()), bytes.fromhex(arguments[2]))))
        return 0
    generic = arguments[:1] == ["--generic"]
    files = arguments[1:] if generic else arguments
    if not files or files[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    worst = 0
    for name in files:
        with open(name, "rb") as file:
            _, refused = check(file.read(), generic)
        print(f"{name}: {'refused: ' + refused if refused else 'ok'}")
        worst = max(worst, 1 if refused else 0)
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The keys of a JWK set that verify tokens, and why its other keys do not (RFC 7517)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt

_NOT_FOR_SIGNATURES = (
    "The token's kid names a key of the issuer that is not for signatures (use or key_ops); "
    "sign tokens with a signing key."
)
_OTHER_ALGORITHM = (
    "The token's kid names a key of the issuer for another algorithm; "
    "sign tokens with RS256 or ES256."
)
_PRIVATE = "The issuer published the private key that the token's kid names; replace that key."
_UNREADABLE = "The token's kid names a key of the issuer that is not a valid RSA or P-256 key."


@dataclass(frozen=True, slots=True)
class KeySet:
    """The keys of one download by kid; `ignored` says why other keys verify no token."""

    keys: Mapping[str, Any]
    ignored: Mapping[str, str]
    downloaded: float


def read_key_set(body: bytes, algorithms: Sequence[str], downloaded: float) -> KeySet | None:
    """Return the usable keys of a JWK set (RFC 7517, 5), or None if it lists no key with a kid.

    Raises:
        ValueError, RecursionError: when the body is not a JWK set.
    """
    document = json.loads(body)
    listed = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(listed, list):
        raise ValueError("The body is not a JWK set.")  # noqa: TRY004 - the caller handles one type
    keys: dict[str, Any] = {}
    ignored: dict[str, str] = {}
    for entry in listed:
        kid = entry.get("kid") if isinstance(entry, dict) else None
        if not isinstance(kid, str) or not kid or kid in keys:
            continue
        try:
            keys[kid] = _signing_key(entry, algorithms)
        except ValueError as error:
            ignored[kid] = str(error)
    return KeySet(keys, ignored, downloaded) if keys or ignored else None


def _signing_key(entry: Mapping[str, Any], algorithms: Sequence[str]) -> Any:
    """Return the public key, with the one algorithm it is used with.

    Raises:
        ValueError: when it verifies no token; the message says why.
    """
    if "d" in entry:
        raise ValueError(_PRIVATE)
    operations, algorithm = entry.get("key_ops"), entry.get("alg")
    can_verify = operations is None or (isinstance(operations, list) and "verify" in operations)
    if entry.get("use") not in (None, "sig") or not can_verify:
        raise ValueError(_NOT_FOR_SIGNATURES)
    if algorithm not in (None, *algorithms):
        raise ValueError(_OTHER_ALGORITHM)
    try:
        key = jwt.PyJWK(dict(entry), algorithm)  # without `alg`, type and curve imply it
    except Exception as error:  # whatever is wrong with one key, the others are used
        raise ValueError(_UNREADABLE) from error
    if key.algorithm_name not in algorithms:
        raise ValueError(_OTHER_ALGORITHM)
    return key

"""Signed OpenID Connect id tokens, as a provider's token endpoint hands them out."""

import json
import secrets
from functools import cached_property
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


class IdTokens:
    """Signs with one RSA key of its own, made when first needed."""

    def __init__(self) -> None:
        self._key_id = secrets.token_hex(8)

    def signed(self, claims: dict[str, Any]) -> str:
        """Return the claims as an RS256 token."""
        return jwt.encode(claims, self._key, algorithm="RS256", headers={"kid": self._key_id})

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set (RFC 7517)."""
        public = json.loads(RSAAlgorithm.to_jwk(self._key.public_key()))
        return {"keys": [{**public, "kid": self._key_id, "use": "sig", "alg": "RS256"}]}

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

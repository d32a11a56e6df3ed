"""Signed OpenID Connect id tokens, as returned by a provider's token endpoint."""

import json
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

KEY_ID = "simulated-1"


class IdTokens:
    """Signs with an RSA key that this process creates on first use."""

    def signed(self, claims: dict[str, Any]) -> str:
        """Return the claims as an RS256 token."""
        return jwt.encode(claims, _key(), algorithm="RS256", headers={"kid": KEY_ID})

    def jwks(self) -> dict[str, Any]:
        """Return the public key as a JSON Web Key Set (RFC 7517)."""
        public = json.loads(RSAAlgorithm.to_jwk(_key().public_key()))
        return {"keys": [{**public, "kid": KEY_ID, "use": "sig", "alg": "RS256"}]}


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)

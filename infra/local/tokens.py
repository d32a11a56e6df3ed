"""Bearer tokens of a local run: HS256 with a public secret."""

import time
from typing import Any

import jwt

from infra.local.aws import AUDIENCE, HS256_SECRET, ISSUER

TOKEN_HOURS = 12


def token(
    sub: str, roles: list[str], *, issuer: str = ISSUER, audience: str = AUDIENCE, **claims: Any
) -> str:
    """Return a token for that user, valid for `TOKEN_HOURS`; claims are added or replaced."""
    now = int(time.time())
    payload = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + TOKEN_HOURS * 3600,
        "sub": sub,
        "roles": roles,
        **claims,
    }
    return jwt.encode(payload, HS256_SECRET, algorithm="HS256")

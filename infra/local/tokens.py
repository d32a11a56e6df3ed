"""Bearer tokens of a local run: HS256 with a secret that everybody knows."""

import time
from typing import Any

import jwt

from infra.local.aws import AUDIENCE, HS256_SECRET, ISSUER

TOKEN_HOURS = 12


def token(
    sub: str, roles: list[str], *, issuer: str = ISSUER, audience: str = AUDIENCE, **claims: Any
) -> str:
    """Return a token for that user, good for `TOKEN_HOURS`; claims are added or replaced."""
    now = int(time.time())
    made = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "exp": now + TOKEN_HOURS * 3600,
        "sub": sub,
        "roles": roles,
        **claims,
    }
    return jwt.encode(made, HS256_SECRET, algorithm="HS256")

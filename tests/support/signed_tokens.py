"""Signed bearer tokens, and a verifier for them."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest

from shared.api.tokens import IssuerKeys, SharedSecret, TokenVerifier
from shared.domain.errors import Unauthorized

SECRET = "a-secret-of-at-least-thirty-two-bytes"
ISSUER, AUDIENCE = "https://issuer.example", "calendar"


def claims(**changes: Any) -> dict[str, Any]:
    """Return valid claims with changes; `...` omits a claim."""
    valid = {
        "sub": "user-1",
        "roles": ["Coach"],
        "iss": ISSUER,
        "aud": AUDIENCE,
        "exp": int(time.time()) + 3600,
    }
    return {name: value for name, value in {**valid, **changes}.items() if value is not ...}


def verifier(keys: SharedSecret | IssuerKeys | None = None) -> TokenVerifier:
    """Return a token verifier, by default one that uses the shared secret."""
    return TokenVerifier(
        issuer=ISSUER, audience=AUDIENCE, keys=keys or SharedSecret(lambda: SECRET)
    )


def shared(**changes: Any) -> str:
    """Return an Authorization header with a token signed with the shared secret."""
    return f"Bearer {jwt.encode(claims(**changes), SECRET, algorithm='HS256')}"


def rejection_of(check: Callable[[], object]) -> str:
    """Check a token that must be rejected, and return the message."""
    with pytest.raises(Unauthorized) as caught:
        check()
    return caught.value.message

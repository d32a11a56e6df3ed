"""Which keys of a JWK set verify tokens, and what the rejection says about the others."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from shared.api.tokens import IssuerKeys
from shared.domain.errors import Unauthorized
from tests.support.token_issuer import issuer, jwk, private_jwk, rsa_key, signed

ENCRYPTION = {"kty": "RSA", "use": "enc", "alg": "RSA-OAEP", "kid": "r", "n": "AQAB", "e": "AQAB"}


def token() -> str:
    return signed(rsa_key(), "r").removeprefix("Bearer ")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"use": "enc"}, "not for signatures"),
        ({"use": ["sig"]}, "not for signatures"),
        ({"use": None, "key_ops": ["encrypt"]}, "not for signatures"),
        ({"key_ops": "verify"}, "not for signatures"),
        ({"alg": "RSA-OAEP"}, "another algorithm"),
        ({"alg": "PS256"}, "another algorithm"),
        ({"alg": "HS256", "kty": "oct", "k": "c2VjcmV0"}, "another algorithm"),
        ({"alg": ["RS256"]}, "another algorithm"),
        ({"kty": "oct", "k": "c2VjcmV0"}, "another algorithm"),
        ({"kty": ["RSA"]}, "not a valid"),
        ({"alg": "ES256"}, "not a valid"),
        ({"n": "\u00e9"}, "not a valid"),
        ({"n": 5}, "not a valid"),
        ({"e": None}, "not a valid"),
    ],
)
def test_a_key_that_verifies_no_token_is_ignored_and_the_message_says_why(
    changes: dict[str, Any], reason: str
) -> None:
    with issuer({**jwk(rsa_key(), "r"), **changes}) as server:
        keys = IssuerKeys(server.url)

        with pytest.raises(Unauthorized, match=reason):
            keys.key(token())


def test_a_key_on_another_curve_is_for_another_algorithm() -> None:
    with issuer(jwk(ec.generate_private_key(ec.SECP384R1()), "r")) as server:
        keys = IssuerKeys(server.url)

        with pytest.raises(Unauthorized, match="another algorithm"):
            keys.key(token())


def test_keys_beside_ignored_ones_are_used() -> None:
    odd: list[Any] = [None, 5, [], {}, {"kid": 5}, {"kid": ""}, {"kid": "x"}, ENCRYPTION]
    with issuer(*odd, jwk(rsa_key(), "r"), ENCRYPTION) as server:
        keys = IssuerKeys(server.url)

        assert keys.key(token()).algorithm_name == "RS256"
    assert server.paths == ["/jwks"]


def test_a_private_key_that_the_issuer_published_verifies_nothing() -> None:
    with issuer(private_jwk(rsa_key(), "r")) as server:
        keys = IssuerKeys(server.url)

        with pytest.raises(Unauthorized, match="published the private key"):
            keys.key(token())

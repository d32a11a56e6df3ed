import base64
import hmac
import json
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from shared.api.tokens import IssuerKeys
from shared.domain.errors import ProviderUnreachable
from tests.support.signed_tokens import claims, rejection_of, verifier
from tests.support.token_issuer import ec_key, issuer, jwk, other_rsa_key, rsa_key, signed


def test_rs256_and_es256_are_verified_with_the_issuers_keys() -> None:
    with issuer(jwk(rsa_key(), "r"), jwk(ec_key(), "e")) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        by_rsa = token_verifier.caller(signed(rsa_key(), "r"))
        by_ec = token_verifier.caller(signed(ec_key(), "e", algorithm="ES256"))

    assert (by_rsa.user_id, by_ec.user_id) == ("user-1", "user-1")
    assert server.paths == ["/jwks"]


def test_a_token_signed_by_another_key_with_that_kid_is_rejected() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        assert rejection_of(lambda: token_verifier.caller(signed(other_rsa_key(), "r")))


def test_unknown_kids_do_not_fetch_the_keys_again_during_the_cooldown() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        for kid in ("x", "y", "../../etc/passwd", "https://evil.example", None):
            assert rejection_of(partial(token_verifier.caller, signed(rsa_key(), kid)))

    assert server.paths == ["/jwks"]


def test_a_key_added_later_is_found_after_the_cooldown() -> None:
    with issuer(jwk(rsa_key(), "old")) as server:
        token_verifier = verifier(IssuerKeys(server.url, cooldown_seconds=0))
        token_verifier.caller(signed(rsa_key(), "old"))
        server.keys.append(jwk(other_rsa_key(), "new"))

        caller = token_verifier.caller(signed(other_rsa_key(), "new"))

    assert (caller.user_id, len(server.paths)) == ("user-1", 2)


def test_a_redirect_from_the_key_set_is_not_followed() -> None:
    with (
        issuer(jwk(rsa_key(), "r")) as target,
        issuer(status=302, headers={"Location": target.url}) as server,
    ):
        token_verifier = verifier(IssuerKeys(server.url))

        with pytest.raises(ProviderUnreachable):
            token_verifier.caller(signed(rsa_key(), "r"))

    assert (server.paths, target.paths) == (["/jwks"], [])


@pytest.mark.parametrize(
    "response",
    [
        {"status": 500},
        {"status": 404},
        {"body": b"<html>"},
        {"body": b"\x80"},
        {"body": b'{"keys": []}'},
        {"body": b'{"keys": "none"}'},
        {"body": b"{}"},
        {"body": b"[]"},
    ],
)
def test_an_unreadable_key_set_is_reported_as_provider_unreachable(
    response: dict[str, Any],
) -> None:
    with issuer(**response) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        with pytest.raises(ProviderUnreachable):
            token_verifier.caller(signed(rsa_key(), "r"))


def test_an_issuer_that_does_not_respond_is_unreachable() -> None:
    with issuer() as server:
        url = server.url

    with pytest.raises(ProviderUnreachable):
        verifier(IssuerKeys(url)).caller(signed(rsa_key(), "r"))


def test_hs256_with_the_public_key_as_the_secret_is_rejected() -> None:
    public = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS256", "typ": "JWT", "kid": "r"}, claims()]
    text = b".".join(
        base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts
    )
    signature = base64.urlsafe_b64encode(hmac.digest(public, text, "sha256")).rstrip(b"=")
    with issuer(jwk(rsa_key(), "r")) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        assert rejection_of(
            lambda: token_verifier.caller(f"Bearer {(text + b'.' + signature).decode()}")
        )


def test_a_shared_secret_verifies_no_asymmetric_token() -> None:
    assert rejection_of(lambda: verifier().caller(signed(rsa_key(), "r")))


@pytest.mark.parametrize("name", ["jku", "x5u"])
def test_a_token_cannot_specify_the_address_of_its_keys(name: str) -> None:
    with issuer(jwk(rsa_key(), "r")) as server, issuer(jwk(other_rsa_key(), "r")) as evil:
        token_verifier = verifier(IssuerKeys(server.url))

        assert rejection_of(
            lambda: token_verifier.caller(signed(other_rsa_key(), "r", **{name: evil.url}))
        )
        assert token_verifier.caller(signed(rsa_key(), "r", **{name: evil.url})).user_id == "user-1"

    assert (server.paths, evil.paths) == (["/jwks"], [])


def test_a_token_cannot_contain_its_own_key() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        token_verifier = verifier(IssuerKeys(server.url))
        own = jwk(other_rsa_key(), "r")

        assert rejection_of(lambda: token_verifier.caller(signed(other_rsa_key(), "r", jwk=own)))


def test_an_encryption_key_verifies_no_token() -> None:
    with issuer({**jwk(rsa_key(), "r"), "use": "enc"}, jwk(ec_key(), "e")) as server:
        token_verifier = verifier(IssuerKeys(server.url))

        assert rejection_of(lambda: token_verifier.caller(signed(rsa_key(), "r")))

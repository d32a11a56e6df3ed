"""How long the keys of an issuer are used, and how often they are downloaded."""

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from shared.api.key_download import LARGEST_BYTES
from shared.api.tokens import OUTAGE_SECONDS, WITHDRAWN_SECONDS, IssuerKeys, TokenVerifier
from shared.domain.errors import ProviderUnreachable, Unauthorized
from tests.support.signed_tokens import AUDIENCE, ISSUER, rejection_of
from tests.support.token_issuer import (
    Issuer,
    ec_key,
    issuer,
    jwk,
    other_rsa_key,
    rsa_key,
    signed,
)

UNREADABLE_SETS: list[dict[str, Any]] = [
    {"status": 500},
    {"status": 302, "headers": {"Location": "/jwks"}},
    {"body": b"<html>"},
    {"body": b"[" * LARGEST_BYTES},
    {"body": b" " * LARGEST_BYTES + b"{}"},
    {"body": b'{"keys": ' + b"9" * 5000 + b"}"},
    {"body": b'{"keys": {}}'},
]


@dataclass
class SettableClock:
    """A clock that a test sets."""

    at: float

    def __call__(self) -> float:
        return self.at


def keys_of(server: Issuer, **options: Any) -> tuple[IssuerKeys, SettableClock]:
    clock = SettableClock(1_000_000)
    return IssuerKeys(server.url, clock=clock, **options), clock


def token(kid: str, key: Any = None) -> str:
    return signed(key or rsa_key(), kid).removeprefix("Bearer ")


def break_down(server: Issuer) -> None:
    server.status = 500


def test_a_withdrawn_key_verifies_nothing_after_five_minutes() -> None:
    with issuer(jwk(rsa_key(), "old"), jwk(ec_key(), "e")) as server:
        clock = SettableClock(time.time())
        start, keys = clock.at, IssuerKeys(server.url, clock=clock)
        verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock)
        first, last = signed(rsa_key(), "old"), signed(rsa_key(), "old", typ="at+jwt")
        verifier.caller(first)
        server.keys[:] = [jwk(ec_key(), "e")]

        clock.at = start + WITHDRAWN_SECONDS - 61
        verifier.caller(last)
        clock.at = start + WITHDRAWN_SECONDS - 60
        before = rejection_of(lambda: verifier.caller(first))
        clock.at = start + WITHDRAWN_SECONDS
        after = rejection_of(lambda: verifier.caller(last))

    assert WITHDRAWN_SECONDS == 300
    assert "not the id of a signing key" in before
    assert before == after


def test_a_withdrawn_key_verifies_nothing_after_the_clock_was_set_back() -> None:
    with issuer(jwk(rsa_key(), "old")) as server:
        clock = SettableClock(time.time())
        keys = IssuerKeys(server.url, clock=clock)
        verifier = TokenVerifier(issuer=ISSUER, audience=AUDIENCE, keys=keys, clock=clock)
        verifier.caller(signed(rsa_key(), "old"))
        server.keys[:] = [jwk(ec_key(), "e")]

        clock.at -= 86_400

        assert rejection_of(lambda: verifier.caller(signed(rsa_key(), "old")))


def test_a_set_without_keys_withdraws_every_key() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        keys, clock = keys_of(server)
        keys.key(token("r"))
        server.keys.clear()

        clock.at += WITHDRAWN_SECONDS

        with pytest.raises(ProviderUnreachable):
            keys.key(token("r"))


@pytest.mark.parametrize("failure", UNREADABLE_SETS)
def test_the_last_set_is_used_for_an_hour_of_outage(failure: dict[str, Any]) -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        keys, clock = keys_of(server)
        start = clock.at
        key = keys.key(token("r"))
        for name, value in failure.items():
            setattr(server, name, value)

        clock.at = start + OUTAGE_SECONDS - 61
        during = keys.key(token("r"))
        with pytest.raises(Unauthorized):
            keys.key(token("other"))
        clock.at = start + OUTAGE_SECONDS - 60
        with pytest.raises(ProviderUnreachable):
            keys.key(token("r"))

    assert OUTAGE_SECONDS == 3600
    assert during is key


def test_an_outage_ends_with_the_next_download() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        keys, clock = keys_of(server)
        keys.key(token("r"))
        break_down(server)
        clock.at += WITHDRAWN_SECONDS
        keys.key(token("r"))
        server.status, server.keys = 200, [jwk(other_rsa_key(), "new")]

        clock.at += 30

        assert keys.key(token("new"))
        with pytest.raises(Unauthorized):
            keys.key(token("r"))


def test_unknown_kids_and_an_outage_cause_one_download_in_thirty_seconds() -> None:
    with issuer(jwk(rsa_key(), "r")) as server:
        keys, clock = keys_of(server)
        keys.key(token("r"))
        break_down(server)
        for _ in range(61):
            clock.at += 10
            for kid in ("r", "x", "y"):
                with suppress(Unauthorized):
                    keys.key(token(kid))

    assert len(server.paths) == 1 + 20


def test_a_first_download_that_fails_is_repeated_after_five_seconds() -> None:
    with issuer(jwk(rsa_key(), "r"), status=500) as server:
        keys, clock = keys_of(server)
        for _ in range(3):
            with pytest.raises(ProviderUnreachable):
                keys.key(token("r"))
        attempts = len(server.paths)
        server.status = 200

        clock.at += 5

        assert keys.key(token("r"))
    assert attempts == 1

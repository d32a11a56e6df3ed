import time
from typing import Any

import jwt
import pytest

from shared.api.tokens import SharedSecret
from shared.domain.caller import Caller
from shared.domain.role import Role
from tests.support.signed_tokens import AUDIENCE, SECRET, claims, rejection_of, shared, verifier


def test_a_token_identifies_the_caller() -> None:
    caller = verifier().caller(
        shared(
            sub=7,
            roles=["coach", "ADMIN", "Gardener", 7, None],
            email="ada@example.org",
            scope="connections:provision other",
        )
    )

    assert caller == Caller(
        user_id="7",
        roles=frozenset({Role.COACH, Role.ADMIN}),
        email="ada@example.org",
        scopes=frozenset({"connections:provision", "other"}),
    )


@pytest.mark.parametrize(
    "malformed", [{"roles": "Admin"}, {"roles": {"Admin": 1}}, {"roles": ...}, {"scope": ["x"]}]
)
def test_malformed_claims_grant_no_rights(malformed: dict[str, Any]) -> None:
    caller = verifier().caller(shared(**{"roles": ["Coach"], **malformed}))

    assert Role.ADMIN not in caller.roles
    assert caller.scopes == frozenset()


@pytest.mark.parametrize("email", ["no-address", "a@example.org\r\nBcc: b@example.org", 7, None])
def test_an_invalid_address_is_ignored(email: Any) -> None:
    assert verifier().caller(shared(email=email)).email is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token x", "x"])
def test_a_header_without_a_bearer_token_gets_an_explanation(header: str | None) -> None:
    message = rejection_of(lambda: verifier().caller(header))

    assert message == "Send a token in the header Authorization: Bearer <token>."


def test_the_scheme_may_be_spelled_in_any_case() -> None:
    assert verifier().caller(shared().replace("Bearer", "bEARER ")).user_id == "user-1"


@pytest.mark.parametrize("seconds", [20, -20])
def test_clocks_may_differ_by_half_a_minute(seconds: int) -> None:
    now = int(time.time())

    header = shared(exp=now + seconds, nbf=now - seconds if seconds < 0 else now)

    assert verifier().caller(header).user_id == "user-1"


@pytest.mark.parametrize("past", [40, 3600])
def test_an_expired_token_is_reported_as_expired(past: int) -> None:
    message = rejection_of(lambda: verifier().caller(shared(exp=int(time.time()) - past)))

    assert message == "The token has expired; get a new one."


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://issuer.example.evil"},
        {"iss": ...},
        {"aud": "other"},
        {"aud": ["other", "another"]},
        {"aud": ...},
        {"exp": ...},
        {"sub": ...},
        {"nbf": 4102444800},
        {"exp": "soon"},
        {"aud": 7},
    ],
)
def test_a_wrong_or_missing_claim_is_rejected(wrong: dict[str, Any]) -> None:
    # When encoding, PyJWT checks the type of iss, not its value.
    message = rejection_of(lambda: verifier().caller(shared(**wrong)))

    assert message == "The token is not valid; check its signature, iss, aud, exp and sub."


def test_one_of_several_audiences_is_enough() -> None:
    assert verifier().caller(shared(aud=["other", AUDIENCE])).user_id == "user-1"


@pytest.mark.parametrize("sub", ["", "a b", "a/b", "ä", "a" * 65, True, 1.5, [], {}])
def test_a_sub_that_is_not_a_user_id_is_rejected(sub: Any) -> None:
    message = rejection_of(lambda: verifier().caller(shared(sub=sub)))

    assert message.startswith("The token's sub is not a user id")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_these_types_of_access_token_are_accepted(kind: str | None) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    assert verifier().caller(f"Bearer {header}").user_id == "user-1"


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "JWE"])
def test_other_token_types_of_the_same_issuer_are_rejected(kind: str) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    message = rejection_of(lambda: verifier().caller(f"Bearer {header}"))

    assert message == "The token is not an access token; its typ must be JWT or at+jwt."


def test_the_secret_is_fetched_when_the_first_token_arrives() -> None:
    fetched: list[str] = []

    def secret() -> str:
        fetched.append("now")
        return SECRET

    token_verifier = verifier(SharedSecret(secret))
    assert fetched == []
    token_verifier.caller(shared())

    assert fetched == ["now"]

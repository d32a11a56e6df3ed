import time
from typing import Any

import jwt
import pytest

from shared.api.tokens import SharedSecret
from shared.domain.caller import Caller
from shared.domain.role import Role
from tests.support.signed_tokens import AUDIENCE, SECRET, claims, refused, shared, verifier


def test_a_token_tells_who_is_asking() -> None:
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
    "odd", [{"roles": "Admin"}, {"roles": {"Admin": 1}}, {"roles": ...}, {"scope": ["x"]}]
)
def test_odd_claims_give_no_rights(odd: dict[str, Any]) -> None:
    caller = verifier().caller(shared(**{"roles": ["Coach"], **odd}))

    assert Role.ADMIN not in caller.roles
    assert caller.scopes == frozenset()


@pytest.mark.parametrize("email", ["nobody", "a@example.org\r\nBcc: b@example.org", 7, None])
def test_an_address_that_is_none_is_not_kept(email: Any) -> None:
    assert verifier().caller(shared(email=email)).email is None


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "Token x", "x"])
def test_a_header_without_a_bearer_token_says_what_to_send(header: str | None) -> None:
    message = refused(lambda: verifier().caller(header))

    assert message == "Send a token in the header Authorization: Bearer <token>."


def test_the_scheme_may_be_spelled_in_any_case() -> None:
    assert verifier().caller(shared().replace("Bearer", "bEARER ")).user_id == "user-1"


@pytest.mark.parametrize("seconds", [20, -20])
def test_clocks_may_differ_by_half_a_minute(seconds: int) -> None:
    now = int(time.time())

    header = shared(exp=now + seconds, nbf=now - seconds if seconds < 0 else now)

    assert verifier().caller(header).user_id == "user-1"


@pytest.mark.parametrize("past", [40, 3600])
def test_an_expired_token_says_so(past: int) -> None:
    message = refused(lambda: verifier().caller(shared(exp=int(time.time()) - past)))

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
def test_a_claim_that_is_wrong_or_missing_is_refused(wrong: dict[str, Any]) -> None:
    # The library checks the type of iss when it encodes, not what it says.
    message = refused(lambda: verifier().caller(shared(**wrong)))

    assert message == "The token is not valid here; check its signature, iss, aud, exp and sub."


def test_one_of_several_audiences_is_enough() -> None:
    assert verifier().caller(shared(aud=["other", AUDIENCE])).user_id == "user-1"


@pytest.mark.parametrize("sub", ["", "a b", "a/b", "ä", "a" * 65, True, 1.5, [], {}])
def test_a_sub_that_is_no_user_id_is_refused(sub: Any) -> None:
    message = refused(lambda: verifier().caller(shared(sub=sub)))

    assert message.startswith("The token's sub is not a user id")


@pytest.mark.parametrize("kind", ["JWT", "jwt", "at+jwt", "application/at+jwt", None])
def test_access_tokens_come_under_these_types(kind: str | None) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    assert verifier().caller(f"Bearer {header}").user_id == "user-1"


@pytest.mark.parametrize("kind", ["logout+jwt", "secevent+jwt", "dpop+jwt", "JWE"])
def test_other_tokens_of_the_same_issuer_are_refused(kind: str) -> None:
    header = jwt.encode(claims(), SECRET, algorithm="HS256", headers={"typ": kind})

    message = refused(lambda: verifier().caller(f"Bearer {header}"))

    assert message == "The token is not an access token; its typ must be JWT or at+jwt."


def test_the_secret_is_fetched_when_a_token_comes_and_not_before() -> None:
    fetched: list[str] = []

    def secret() -> str:
        fetched.append("now")
        return SECRET

    built = verifier(SharedSecret(secret))
    assert fetched == []
    built.caller(shared())

    assert fetched == ["now"]

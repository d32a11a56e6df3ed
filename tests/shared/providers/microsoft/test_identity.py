"""The identity read from an id token."""

from typing import Any

import pytest

from shared.domain.errors import CodeRejected
from shared.providers.microsoft.identity import Identity, identity

ISSUER = "https://login.microsoftonline.com/{tenantid}/v2.0"


def claims(**changes: Any) -> dict[str, Any]:
    token_claims = {
        "iss": "https://login.microsoftonline.com/t-1/v2.0",
        "aud": "client",
        "tid": "t-1",
        "oid": "o-1",
        "email": "kim@contoso.example",
        "preferred_username": "kim",
    }
    return {**token_claims, **changes}


def identify(token_claims: Any, issuer: str = ISSUER) -> Identity:
    return identity(token_claims, client_id="client", issuer=issuer)


def test_an_identity_is_tenant_and_object_id() -> None:
    assert Identity("t-1:o-1", "kim@contoso.example") == identify(claims())


@pytest.mark.parametrize(
    "other", [{"oid": "o-2"}, {"tid": "t-2", "iss": ISSUER.format(tenantid="t-2")}]
)
def test_the_same_address_in_another_tenant_is_another_user(other: dict[str, str]) -> None:
    assert identify(claims()).account != identify(claims(**other)).account


def test_without_an_address_the_user_name_is_used() -> None:
    assert "kim" == identify(claims(email=None)).email


def test_a_single_tenant_authority_has_a_fixed_issuer() -> None:
    fixed = ISSUER.format(tenantid="t-1")

    assert "t-1:o-1" == identify(claims(), fixed).account
    with pytest.raises(CodeRejected):
        identify(claims(tid="t-2", iss=ISSUER.format(tenantid="t-2")), fixed)


@pytest.mark.parametrize(
    "token_claims",
    [
        None,
        claims(tid=None),
        claims(oid=""),
        claims(iss="https://login.microsoftonline.com/t-2/v2.0"),
        claims(iss="https://evil.example/t-1/v2.0"),
        claims(iss=None),
        claims(aud="another client"),
        claims(aud=["client", "another client"]),
        claims(email=None, preferred_username=None),
    ],
)
def test_an_invalid_identity_is_rejected(token_claims: Any) -> None:
    with pytest.raises(CodeRejected):
        identify(token_claims)

"""Who an id token says has signed in."""

from typing import Any

import pytest

from shared.domain.errors import CodeRejected
from shared.providers.microsoft.identity import Identity, identity

ISSUER = "https://login.microsoftonline.com/{tenantid}/v2.0"


def claims(**changes: Any) -> dict[str, Any]:
    told = {
        "iss": "https://login.microsoftonline.com/t-1/v2.0",
        "aud": "client",
        "tid": "t-1",
        "oid": "o-1",
        "email": "kim@contoso.example",
        "preferred_username": "kim",
    }
    return {**told, **changes}


def who(told: Any, issuer: str = ISSUER) -> Identity:
    return identity(told, client_id="client", issuer=issuer)


def test_an_identity_is_tenant_and_object_id() -> None:
    assert Identity("t-1:o-1", "kim@contoso.example") == who(claims())


@pytest.mark.parametrize(
    "other", [{"oid": "o-2"}, {"tid": "t-2", "iss": ISSUER.format(tenantid="t-2")}]
)
def test_the_same_address_elsewhere_is_somebody_else(other: dict[str, str]) -> None:
    assert who(claims()).account != who(claims(**other)).account


def test_without_an_address_the_user_name_serves() -> None:
    assert "kim" == who(claims(email=None)).email


def test_an_authority_of_one_tenant_has_a_fixed_issuer() -> None:
    fixed = ISSUER.format(tenantid="t-1")

    assert "t-1:o-1" == who(claims(), fixed).account
    with pytest.raises(CodeRejected):
        who(claims(tid="t-2", iss=ISSUER.format(tenantid="t-2")), fixed)


@pytest.mark.parametrize(
    "told",
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
def test_an_identity_that_does_not_check_out_is_refused(told: Any) -> None:
    with pytest.raises(CodeRejected):
        who(told)

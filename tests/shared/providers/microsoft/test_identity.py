"""The identity read from an id token."""

from typing import Any

import pytest

from shared.domain.errors import CodeRejected
from shared.ports import Identity
from shared.providers.microsoft.identity import PERSONAL_TENANT, identity

ISSUER = "https://login.microsoftonline.com/{tenantid}/v2.0"


def claims(**changes: Any) -> dict[str, Any]:
    token_claims = {
        "iss": "https://login.microsoftonline.com/t-1/v2.0",
        "aud": "client",
        "tid": "t-1",
        "oid": "o-1",
        "email": "kim@contoso.example",
        "preferred_username": "k.lee@contoso.example",
    }
    return {**token_claims, **changes}


def identify(token_claims: Any, issuer: str = ISSUER) -> Identity:
    return identity(token_claims, client_id="client", issuer=issuer)


def test_an_identity_is_tenant_and_object_id() -> None:
    expected = Identity(account="t-1:o-1", email="kim@contoso.example", is_email_verified=True)
    assert expected == identify(claims())


@pytest.mark.parametrize(
    "other", [{"oid": "o-2"}, {"tid": "t-2", "iss": ISSUER.format(tenantid="t-2")}]
)
def test_the_same_address_in_another_tenant_is_another_user(other: dict[str, str]) -> None:
    assert identify(claims()).account != identify(claims(**other)).account


def test_without_an_address_the_user_name_is_used() -> None:
    assert "kim" == identify(claims(email=None, preferred_username="kim")).email


def test_a_single_tenant_authority_has_a_fixed_issuer() -> None:
    fixed = ISSUER.format(tenantid="t-1")

    assert "t-1:o-1" == identify(claims(), fixed).account
    with pytest.raises(CodeRejected):
        identify(claims(tid="t-2", iss=ISSUER.format(tenantid="t-2")), fixed)


def personal(**changes: Any) -> dict[str, Any]:
    own = {"tid": PERSONAL_TENANT, "iss": ISSUER.format(tenantid=PERSONAL_TENANT)}
    return claims(**own, **changes)


@pytest.mark.parametrize(
    "token_claims",
    [
        claims(),
        claims(email="KIM@Contoso.Example"),
        claims(email="k.lee@contoso.example"),
        claims(email=None),
        claims(idp="https://login.microsoftonline.com/t-1/v2.0"),
        claims(idp="https://sts.windows.net/t-1/"),
        claims(email="kim@fabrikam.example", xms_edov=True),
        claims(email="kim@fabrikam.example", xms_edov=1),
        claims(email="kim@fabrikam.example", xms_edov="1"),
        claims(email="kim@fabrikam.example", xms_edov="true"),
        claims(idp="https://sts.windows.net/t-2/", xms_edov=True),
        personal(preferred_username="+49 30 1234567"),
        personal(xms_edov=False),
    ],
)
def test_an_address_that_microsoft_or_the_owner_of_the_domain_confirms_is_verified(
    token_claims: dict[str, Any],
) -> None:
    assert identify(token_claims).is_email_verified


@pytest.mark.parametrize(
    "token_claims",
    [
        claims(email="boss@victim.example"),
        claims(email="boss@contoso.example.victim.example"),
        claims(email="boss@mail.contoso.example"),
        claims(email="boss@victim.example", preferred_username=None),
        claims(email="boss@victim.example", preferred_username=["boss@victim.example"]),
        claims(email="boss@victim.example", preferred_username="k_victim.example#EXT#@c.example"),
        claims(email="boss@victim.example", email_verified=True, verified=True),
        claims(email="boss", preferred_username="kim"),
        claims(email="boss@", preferred_username="kim@"),
        claims(email=None, preferred_username="kim"),
        claims(email=None, preferred_username="boss@victim.example", idp="https://evil.example"),
    ],
)
def test_an_address_that_only_the_administrator_entered_is_not_verified(
    token_claims: dict[str, Any],
) -> None:
    assert not identify(token_claims).is_email_verified


@pytest.mark.parametrize("verdict", [False, 0, "0", "false", None, [], {}, "yes"])
def test_the_verdict_of_microsoft_on_the_domain_counts_more_than_the_user_name(
    verdict: object,
) -> None:
    assert not identify(claims(xms_edov=verdict)).is_email_verified


@pytest.mark.parametrize(
    "provider",
    [
        "live.com",
        "https://sts.windows.net/t-2/",
        "https://sts.windows.net/t-1/evil",
        "https://evil.example/t-1/",
        "",
        7,
        ["https://sts.windows.net/t-1/"],
    ],
)
def test_the_user_name_of_a_guest_of_a_tenant_verifies_nothing(provider: object) -> None:
    assert not identify(claims(idp=provider)).is_email_verified


def test_a_verified_domain_without_an_address_does_not_verify_a_user_name() -> None:
    guest = claims(email=None, xms_edov=True, idp="live.com")

    assert not identify(guest).is_email_verified


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

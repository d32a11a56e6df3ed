"""Reads the identity of the signed-in user from an id token.

The signature is not checked: the token came directly from the token endpoint over TLS (OpenID
Connect Core 1.0, 3.1.3.7). msal has compared the nonce.
"""

from collections.abc import Mapping
from typing import Any

from shared.domain.errors import CodeRejected
from shared.ports import Identity

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts."""

_TRUE = (True, "1", "true")  # Microsoft has sent the claim `xms_edov` as 1 and as text, too.


def identity(claims: Any, *, client_id: str, issuer: str) -> Identity:
    """Return the identity: tenant and object id, because an address can pass to another user.

    `issuer` is the authority's; `{tenantid}` in it is replaced by the user's tenant.

    Raises:
        CodeRejected: the token is for another client or from another issuer.
    """
    if not isinstance(claims, Mapping):
        raise CodeRejected("Microsoft returned no id token. Connect again.")
    tenant, user = _claim(claims, "tid"), _claim(claims, "oid")
    if claims.get("iss") != issuer.replace("{tenantid}", tenant):
        raise CodeRejected("Microsoft's id token has an unexpected issuer. Connect again.")
    if claims.get("aud") not in (client_id, [client_id]):
        raise CodeRejected("Microsoft's id token is for another service. Connect again.")
    email = claims.get("email") or claims.get("preferred_username")
    if not isinstance(email, str) or not email:
        raise CodeRejected("Microsoft's id token has no e-mail address. Connect again.")
    return Identity(
        account=f"{tenant}:{user}",
        email=email,
        is_email_verified=_is_verified(email, claims),
    )


def _is_verified(email: str, claims: Mapping[str, Any]) -> bool:
    """Return whether the address is known to be the account's own.

    The claim `email` is any text that an administrator of any tenant entered, so a tenant can claim
    the address of another person. It is verified for:

    - a personal account: its addresses are verified by Microsoft
    - an account whose optional claim `xms_edov` is true; if the claim is present, it alone decides
    - a member of a tenant with a user name of the same domain: a user name must have a domain that
      the tenant has proven to own. The user name of a guest is from elsewhere and proves nothing.
    """
    if claims["tid"] == PERSONAL_TENANT:
        return True
    if claims.get("email") and "xms_edov" in claims:
        return claims["xms_edov"] in _TRUE
    domain, own_domain = _domain(email), _domain(claims.get("preferred_username"))
    return bool(domain) and domain == own_domain and _is_member(claims)


def _is_member(claims: Mapping[str, Any]) -> bool:
    """Return whether the account is of the tenant that issued the token, and not its guest."""
    own = (None, claims["iss"], f"https://sts.windows.net/{claims['tid']}/")
    return claims.get("idp") in own


def _domain(address: Any) -> str:
    return address.rpartition("@")[2].lower() if isinstance(address, str) and "@" in address else ""


def _claim(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise CodeRejected(f"Microsoft's id token has no claim {name}. Connect again.")
    return value

"""Who an id token says has signed in.

It came straight from the token endpoint over TLS, which takes the place of its signature (OpenID
Connect Core 1.0, 3.1.3.7); msal has compared the nonce.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import CodeRejected


@dataclass(frozen=True, slots=True)
class Identity:
    """`account` is nobody else's and never changes; `email` is neither sure nor lasting."""

    account: str
    email: str


def identity(claims: Any, *, client_id: str, issuer: str) -> Identity:
    """Return the identity: tenant and object id, never the address, which others may take.

    `issuer` is the authority's; its `{tenantid}` stands for the tenant of the user.

    Raises:
        CodeRejected: when the token is not for this service, or from another issuer.
    """
    if not isinstance(claims, Mapping):
        raise CodeRejected("Microsoft told no identity.")
    tenant, user = _claim(claims, "tid"), _claim(claims, "oid")
    if claims.get("iss") != issuer.replace("{tenantid}", tenant):
        raise CodeRejected("Microsoft's id token is from another issuer than its tenant's.")
    if claims.get("aud") not in (client_id, [client_id]):
        raise CodeRejected("Microsoft's id token is for another service.")
    email = claims.get("email") or claims.get("preferred_username")
    if not isinstance(email, str) or not email:
        raise CodeRejected("Microsoft told no address of the account.")
    return Identity(account=f"{tenant}:{user}", email=email)


def _claim(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise CodeRejected(f"Microsoft's id token lacks {name}.")
    return value

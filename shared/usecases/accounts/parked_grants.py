"""Grants that came back in another browser than the one that started, until they are confirmed."""

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from shared.domain.caller import Caller
from shared.domain.connection import OAuthCredential, Provider
from shared.domain.errors import InvalidState
from shared.ports import CalendarInfo, Grant, ParkedGrant, ParkedGrantStore, SignIn, Vault

LIFETIME = timedelta(minutes=10)
# The vault binds a ciphertext to a connection id; a parked grant has none, so it uses this text.
_SEALED_AS = "oauth-parked-grant"


class ParkedGrants:
    """Grants stored under one-time completion codes of 256 random bits.

    A code works once, for ten minutes, and only for the user who started connecting. The store has
    its digest and the encrypted tokens.
    """

    def __init__(
        self,
        *,
        store: ParkedGrantStore,
        vault: Vault,
        random_text: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._store = store
        self._vault = vault
        self._random_text = random_text

    def park(
        self,
        user_id: str,
        provider: Provider,
        sign_in: SignIn,
        calendar: CalendarInfo,
        *,
        now: datetime,
    ) -> str:
        """Store a grant for the user who started, and return its completion code."""
        completion = self._random_text()
        sealed = self._vault.seal(
            _to_text(sign_in, calendar), user_id=user_id, connection_id=_SEALED_AS
        )
        parked = ParkedGrant(
            user_id=user_id, provider=provider, sealed=sealed, expires_at=now + LIFETIME
        )
        self._store.put(_digest(completion), parked)
        return completion

    def take(
        self, caller: Caller, provider: Provider, completion: str, *, now: datetime
    ) -> tuple[SignIn, CalendarInfo]:
        """Return the grant of that code and delete it, even if it is not for this caller.

        Another user with the code means that the account belongs to a person who did not start
        connecting, so the grant must not stay available. Only the browser that consented has the
        code, so deleting it harms no one else.

        Raises:
            InvalidState: when the code is unknown, used, expired, or for another user or provider.
        """
        parked = self._store.take(_digest(completion))
        if (
            parked is None
            or parked.user_id != caller.user_id
            or parked.provider is not provider
            or parked.expires_at <= now
        ):
            raise InvalidState(
                "The completion code is unknown, used or expired, or another user started "
                "connecting. Start connecting again."
            )
        text = self._vault.open(parked.sealed, user_id=parked.user_id, connection_id=_SEALED_AS)
        return _from_text(text)


def _digest(completion: str) -> str:
    return hashlib.sha256(completion.encode()).hexdigest()


def _to_text(sign_in: SignIn, calendar: CalendarInfo) -> str:
    credential = OAuthCredential(
        access_token=sign_in.grant.access_token,
        refresh_token=sign_in.grant.refresh_token,
        expires_at=sign_in.grant.expires_at,
        scopes=sign_in.grant.scopes,
    )
    return json.dumps(
        {
            "credential": credential.to_text(),
            "account": sign_in.account,
            "email": sign_in.email,
            "is_email_verified": sign_in.is_email_verified,
            "calendar": [calendar.calendar_id, calendar.name, calendar.zone],
        }
    )


def _from_text(text: str) -> tuple[SignIn, CalendarInfo]:
    fields = json.loads(text)
    credential = OAuthCredential.from_text(fields["credential"])
    grant = Grant(
        access_token=credential.access_token,
        refresh_token=credential.refresh_token,
        expires_at=credential.expires_at,
        scopes=credential.scopes,
    )
    sign_in = SignIn(
        grant=grant,
        account=fields["account"],
        email=fields["email"],
        # Missing in what an older version parked.
        is_email_verified=fields.get("is_email_verified", False),
    )
    calendar_id, name, zone = fields["calendar"]
    return sign_in, CalendarInfo(calendar_id=calendar_id, name=name, zone=zone)

"""Revoke the grants of connections at their providers."""

import logging

from shared.domain.connection import Connection, OAuthCredential, Provider
from shared.domain.errors import CalendarServiceError
from shared.ports import Meter, OAuthProviders, TokenStore, Vault
from shared.usecases.accounts.faults import reported_as_unreachable

log = logging.getLogger(__name__)


class Revocation:
    """Revokes grants. Repeating it is harmless."""

    def __init__(
        self, *, tokens: TokenStore, vault: Vault, oauth: OAuthProviders, meter: Meter
    ) -> None:
        self._tokens = tokens
        self._vault = vault
        self._oauth = oauth
        self._meter = meter

    def revoke(self, connection: Connection) -> bool:
        """Revoke a connection's grant; return whether it was revoked. A failure is only logged.

        The grant is not revoked while another connection uses the same account, because they share
        it, nor while the platform's sign-in does. A CalDAV password can be revoked by its owner
        only.
        """
        if connection.provider is Provider.APPLE or self._tokens.unmark_account(connection):
            return False
        try:
            credential = self._credential(connection)
            oauth = self._oauth.get(connection.provider)
            with reported_as_unreachable(connection.provider, meter=self._meter):
                return oauth.revoke(credential.refresh_token or credential.access_token)
        except CalendarServiceError as error:
            # The tokens are deleted anyway, and the caller learns that the grant was not revoked.
            log.warning(
                "grant not revoked",
                extra={"connection_id": connection.id, "reason": error.message},
            )
            return False

    def forget_sign_ins(self, user_id: str) -> None:
        """Let no sign-in of the user prevent that a grant is revoked."""
        self._tokens.forget_sign_ins(user_id)

    def _credential(self, connection: Connection) -> OAuthCredential:
        text = self._vault.open(
            connection.credential, user_id=connection.user_id, connection_id=connection.id
        )
        return OAuthCredential.from_text(text)

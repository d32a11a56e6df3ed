"""The access token inside an account of Google or Microsoft."""

from shared.domain.connection import OAuthCredential
from shared.domain.errors import CredentialInvalid
from shared.ports import Account


def access_token(account: Account) -> str:
    """Return the token that opens the account's calendar.

    Raises:
        CredentialInvalid: the stored credential has no token, so the user must reconnect.
    """
    try:
        return OAuthCredential.from_text(account.credential).access_token
    except (ValueError, LookupError, TypeError):
        # The cause would quote the credential.
        raise CredentialInvalid(
            "The stored credential has no tokens. Reconnect the calendar."
        ) from None

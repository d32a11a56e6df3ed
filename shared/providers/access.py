"""The access token inside an account of Google or Microsoft."""

from shared.domain.credential import OAuthCredential
from shared.domain.errors import CredentialDead
from shared.ports import Account


def access_token(account: Account) -> str:
    """Return the token that opens the account's calendar.

    Raises:
        CredentialDead: when what was sealed holds none, so only reconnecting helps.
    """
    try:
        return OAuthCredential.from_text(account.credential).access_token
    except (ValueError, LookupError, TypeError):
        # The cause would quote the credential.
        raise CredentialDead(
            "The stored credential holds no tokens; the calendar must be reconnected."
        ) from None

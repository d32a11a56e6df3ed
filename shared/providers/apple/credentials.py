"""User name and password of a CalDAV account, and where they may be sent."""

import json
import re
from dataclasses import dataclass

from shared.domain.errors import CredentialDead, CredentialsRejected
from shared.providers.apple.addresses import ICLOUD_HOST, Origin

_APP_SPECIFIC = re.compile(r"[a-z]{4}(?:-[a-z]{4}){3}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What basic authentication takes; kept, encrypted, as the JSON `as_json` gives."""

    username: str
    password: str

    @property
    def as_json(self) -> str:
        """The credential of an `Account`."""
        return json.dumps({"username": self.username, "password": self.password})

    def __repr__(self) -> str:
        return "Credentials(...)"


def read_credentials(text: str) -> Credentials:
    """Return the credentials `Credentials.as_json` wrote.

    Raises:
        CredentialDead: when the text is something else, so only reconnecting helps.
    """
    try:
        fields = json.loads(text)
        return Credentials(str(fields["username"]), str(fields["password"]))
    except (ValueError, LookupError, TypeError):
        # The text itself must not travel in the chain of causes.
        raise CredentialDead("The stored CalDAV credential is not one of ours.") from None


def checked_credentials(username: str, password: str, *, server: Origin) -> Credentials:
    """Return the credentials to try at the server, blanks around and inside Apple's removed.

    Raises:
        CredentialsRejected: for iCloud, when the password cannot be an app-specific one; the
            password of an Apple account must never be sent or kept.
    """
    if not server.is_icloud:
        return Credentials(username.strip(), password)
    compact = "".join(password.split())
    if not _APP_SPECIFIC.fullmatch(compact):
        raise CredentialsRejected(
            "iCloud takes app-specific passwords only (xxxx-xxxx-xxxx-xxxx); "
            "make one at https://account.apple.com under Sign-In and Security."
        )
    return Credentials(username.strip(), compact)


def account_name(server: Origin, username: str) -> str:
    """Return what tells accounts apart: the server's root and the user name.

    All of iCloud is one server, and its user names differ in more than case.
    """
    if server.is_icloud:
        return f"https://{ICLOUD_HOST} {username.lower()}"
    return f"{server} {username}"

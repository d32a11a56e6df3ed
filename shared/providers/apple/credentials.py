"""User name and password of a CalDAV account, and the checks before they are sent."""

import json
import re
from dataclasses import dataclass

from shared.domain.errors import CredentialInvalid, CredentialsRejected
from shared.providers.apple.addresses import ICLOUD_HOST, Origin

_APP_SPECIFIC = re.compile(r"[a-z]{4}(?:-[a-z]{4}){3}")


@dataclass(frozen=True, slots=True)
class Credentials:
    """User name and password for basic authentication; stored encrypted, as `as_json`.

    `addresses` are other addresses of the account, in lower case.
    """

    username: str
    password: str
    addresses: frozenset[str] = frozenset()

    @property
    def as_json(self) -> str:
        """The JSON stored as the credential of an `Account`."""
        fields: dict[str, object] = {"username": self.username, "password": self.password}
        if self.addresses:
            fields["addresses"] = sorted(self.addresses)
        return json.dumps(fields)

    def __repr__(self) -> str:
        return "Credentials(...)"


def read_credentials(text: str) -> Credentials:
    """Parse the output of `Credentials.as_json`.

    Raises:
        CredentialInvalid: the text is something else, so the user must reconnect.
    """
    try:
        fields = json.loads(text)
        addresses = frozenset(map(str, fields.get("addresses", ())))
        return Credentials(str(fields["username"]), str(fields["password"]), addresses)
    except (ValueError, LookupError, TypeError):
        # `from None`: the cause would quote the text.
        raise CredentialInvalid(
            "The stored CalDAV credential is malformed. Reconnect the calendar."
        ) from None


def checked_credentials(username: str, password: str, *, server: Origin) -> Credentials:
    """Return the credentials to send, without blanks around the user name or in Apple passwords.

    Raises:
        CredentialsRejected: the server is iCloud and the password is not app-specific. The
            password of an Apple account must never be sent or stored.
    """
    if not server.is_icloud:
        return Credentials(username.strip(), password)
    compact = "".join(password.split())
    if not _APP_SPECIFIC.fullmatch(compact):
        raise CredentialsRejected(
            "iCloud accepts only app-specific passwords (xxxx-xxxx-xxxx-xxxx). "
            "Create one at https://account.apple.com under Sign-In and Security."
        )
    return Credentials(username.strip(), compact)


def account_name(server: Origin, username: str) -> str:
    """Return the account's unique name: the server's origin and the user name.

    All iCloud hosts count as one server, and iCloud user names are not case-sensitive.
    """
    if server.is_icloud:
        return f"https://{ICLOUD_HOST} {username.lower()}"
    return f"{server} {username}"

"""Limit how often users connect CalDAV accounts, so that passwords cannot be guessed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import urlsplit

from shared.domain.errors import CredentialsRejected
from shared.domain.limits import (
    CALDAV_CONNECTS,
    CALDAV_FAILURES_OF_ACCOUNT,
    CALDAV_FAILURES_OF_USER,
    Limit,
)
from shared.usecases.people.limits import Limits


class CaldavAttempts:
    """Counts attempts to connect, and those that the server rejected, per user and per account.

    An attempt counts as a failure until it has succeeded, so that parallel guesses count too. The
    failures of other users do not reject a user's first attempt with an account: otherwise a
    stranger could keep its owner from connecting it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    @contextmanager
    def attempt(
        self, user_id: str, *, server_url: str, username: str, now: datetime
    ) -> Iterator[None]:
        """Run one attempt to connect; CredentialsRejected makes it a failure.

        Raises:
            TooManyRequests: when the user, or the account, has had too many.
        """
        self._limits.take(CALDAV_CONNECTS, user_id, now=now)
        account = f"{username.strip().lower()}#{_server(server_url)}"
        counted: list[tuple[Limit, str]] = []
        is_failure = False
        try:
            self._count(counted, user_id, account, now=now)
            yield
        except CredentialsRejected:
            is_failure = True
            raise
        finally:
            for limit, key in () if is_failure else counted:
                self._limits.give_back(limit, key, now=now)

    def _count(
        self, counted: list[tuple[Limit, str]], user_id: str, account: str, *, now: datetime
    ) -> None:
        """Count a failure of the user and of the account; add what was counted to `counted`."""
        own = f"{account}#{user_id}"
        self._limits.take(CALDAV_FAILURES_OF_USER, user_id, now=now)
        counted.append((CALDAV_FAILURES_OF_USER, user_id))
        is_first = self._limits.count(CALDAV_FAILURES_OF_ACCOUNT, own, now=now) <= 1
        counted.append((CALDAV_FAILURES_OF_ACCOUNT, own))
        count = self._limits.count if is_first else self._limits.take
        count(CALDAV_FAILURES_OF_ACCOUNT, account, now=now)
        counted.append((CALDAV_FAILURES_OF_ACCOUNT, account))


def _server(url: str) -> str:
    """Return host and port of the URL, or the text if it is not a URL; discovery rejects it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return url
    return f"{parts.hostname}:{port}"

"""Which stored connection is the same account as a new sign-in."""

from collections.abc import Callable, Iterable

from shared.domain.connection import Connection, Provider, unverified_account
from shared.ports import DisconnectedAccount

Question = Callable[[Connection], bool]
"""Asks the provider whether the new tokens open the calendar of a connection."""


def same_account(
    connections: Iterable[Connection],
    *,
    account: str,
    email: str,
    calendar_id: str,
    opens: Question,
) -> Connection | None:
    """Return the connection of this account, out of those of one user and provider.

    The provider's id decides. Without a sign-in there is only an address; at Google it belongs to
    one account. At Microsoft a personal and a work account may share it, and one mailbox may have
    several, so the id of the calendar decides, and else the provider is asked.
    """
    known = list(connections)
    by_id = next((each for each in known if each.account == account), None)
    if by_id is not None:
        return by_id
    unproven = [each for each in known if not each.is_proven]
    same_calendar = (each for each in unproven if _is_mailbox(each, calendar_id))
    same_address = (each for each in unproven if each.account == unverified_account(email))
    return next(same_calendar, None) or next(
        (each for each in same_address if _can_be(each, opens)), None
    )


def by_address(
    connections: Iterable[Connection], *, email: str, calendar_id: str | None, opens: Question
) -> tuple[Connection, ...]:
    """Return the connections that tokens without a known account may belong to.

    Several are left only if they share the address and the provider gives no answer.
    """
    known = list(connections)
    for each in known:
        if calendar_id and _is_mailbox(each, calendar_id):
            return (each,)
    same = tuple(each for each in known if each.email.lower() == email.lower())
    is_certain = len(same) == 1 and same[0].provider is Provider.GOOGLE
    return same if is_certain else tuple(each for each in same if opens(each))


def was_disconnected(
    accounts: Iterable[DisconnectedAccount], *, account: str | None, email: str
) -> bool:
    """Return whether the user has disconnected this account; None if its id is unknown."""
    unproven = unverified_account(email)
    if account is None:
        return any(each.email.lower() == email.lower() for each in accounts)
    return any(each.account in (account, unproven) for each in accounts)


def _is_mailbox(connection: Connection, calendar_id: str) -> bool:
    """Return whether the calendar shows that it is the same mailbox; only Google's does not."""
    is_unique = connection.provider is not Provider.GOOGLE and bool(calendar_id)
    return is_unique and connection.calendar_id == calendar_id


def _can_be(connection: Connection, opens: Question) -> bool:
    is_unique = connection.provider is Provider.GOOGLE or not connection.calendar_id
    return is_unique or opens(connection)

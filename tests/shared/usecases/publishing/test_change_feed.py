import pytest

from shared.domain.caller import EVENTS_SCOPE, Caller
from shared.domain.domain_event import DomainEventType
from shared.domain.errors import ChangesExpired, Forbidden, InvalidRequest
from shared.domain.role import Role
from shared.usecases.publishing.change_feed import ChangeFeed, FeedPage
from tests.support.domain_events import NOON, MemoryChangeList, sample_event

ADMIN = Caller(user_id="admin-1", roles=frozenset({Role.ADMIN}))
BOOKED = DomainEventType.SESSION_BOOKED


class Walk:
    """A list of seven events, the odd ones bookings, and its feed."""

    def __init__(self, number: int = 7) -> None:
        self.changes = MemoryChangeList()
        self.add(*range(1, number + 1))
        self.feed = ChangeFeed(self.changes)

    def add(self, *numbers: int) -> None:
        """Add events with these versions."""
        kinds = (DomainEventType.SESSION_CHANGED, BOOKED)
        self.changes.add_events(
            [sample_event(each, kind=kinds[each % 2]) for each in numbers], now=NOON
        )

    def page(
        self, since: str | None = None, *, limit: int = 3, types: tuple[DomainEventType, ...] = ()
    ) -> FeedPage:
        """Return a page for an Admin."""
        return self.feed.page(ADMIN, since=since, types=types, limit=limit, now=NOON)

    def all(self, **query: object) -> list[int]:
        """Walk to the end and return the versions."""
        page = self.page(**query)  # type: ignore[arg-type]  # passed on
        found = [each.subject_version for each in page.events]
        while page.has_more:
            page = self.page(page.cursor, **query)  # type: ignore[arg-type]  # passed on
            found += [each.subject_version for each in page.events]
        return found


def test_a_walk_has_every_event_once() -> None:
    assert Walk().all() == [1, 2, 3, 4, 5, 6, 7]


def test_a_walk_continues_with_events_that_were_added_later() -> None:
    walk = Walk(2)
    end = walk.page()
    walk.add(3, 4)

    assert (end.has_more, [each.subject_version for each in walk.page(end.cursor).events]) == (
        False,
        [3, 4],
    )


def test_an_empty_list_has_a_cursor() -> None:
    walk = Walk(0)
    page = walk.page()
    walk.add(1)

    assert (page.events, page.has_more) == ((), False)
    assert len(walk.page(page.cursor).events) == 1


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_a_walk_through_some_types_has_each_of_them_once(limit: int) -> None:
    assert Walk().all(types=(BOOKED,), limit=limit) == [1, 3, 5, 7]


def test_a_page_of_a_rare_type_may_be_empty_and_still_advances() -> None:
    walk = Walk(2500)

    page = walk.page(types=(DomainEventType.HOLIDAY_CHANGED,))

    assert (page.events, page.has_more) == ((), True)
    assert walk.all(types=(DomainEventType.HOLIDAY_CHANGED,)) == []


@pytest.mark.parametrize("cursor", ["c1-2", "c1-99"])
def test_a_cursor_outside_the_list_is_expired(cursor: str) -> None:
    walk = Walk()
    walk.changes.first = 4

    with pytest.raises(ChangesExpired, match="Read the sessions again"):
        walk.page(cursor)
    assert [each.subject_version for each in walk.page("c1-3").events] == [4, 5, 6]
    assert [each.subject_version for each in walk.page().events] == [4, 5, 6]


@pytest.mark.parametrize("cursor", ["", "1", "c1-", "c1--1", "c2-1", "c1-1 ", "c1-٣"])
def test_another_text_is_not_a_cursor(cursor: str) -> None:
    with pytest.raises(InvalidRequest):
        Walk().page(cursor)


def test_only_an_admin_and_a_service_with_the_scope_may_read() -> None:
    feed = Walk().feed
    service = Caller(user_id="platform", scopes=frozenset({EVENTS_SCOPE}))
    coach = Caller(user_id="coach-1", roles=frozenset({Role.COACH}))

    assert feed.page(service, limit=1, now=NOON).events
    with pytest.raises(Forbidden):
        feed.page(coach, limit=1, now=NOON)

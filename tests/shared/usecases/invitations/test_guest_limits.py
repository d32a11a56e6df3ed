"""How many guests a session may have, and a user may add per day."""

from typing import Any

import pytest

from shared.domain.errors import LostRace, TooManyRequests
from shared.domain.limits import GUESTS_BY_USER, GUESTS_OF_SESSION
from shared.domain.policy import Policy, PolicySettings
from shared.usecases.invitations.audience import AudienceReader
from shared.usecases.invitations.guests import Guest, GuestReport, Guests
from tests.support.limit_counts import limits_of
from tests.support.mail_harness import MailHarness
from tests.support.platform import ADMIN, COACH, NOW


class LosesRaces:
    """Invites of a harness whose next `left` saved guest lists lose a race."""

    def __init__(self, harness: MailHarness, left: int) -> None:
        self._harness = harness
        self._left = left

    def __getattr__(self, name: str) -> Any:
        if name == "save_guest_list" and self._left:
            self._left -= 1
            raise LostRace("changed")
        return getattr(self._harness.invites, name)


def guests(left: int = 0) -> Guests:
    harness = MailHarness()
    store: Any = LosesRaces(harness, left)
    return Guests(
        events=harness.events,
        invites=store,
        audiences=AudienceReader(
            events=harness.events, people=harness.people, invites=store, has_mail=True
        ),
        organizer="sessions@mail.example",
        policy=Policy(PolicySettings()),
        limits=limits_of({GUESTS_OF_SESSION: 4, GUESTS_BY_USER: 5}),
        pause=lambda _: None,
    )


def put(use_case: Guests, names: str, session: str = "s1", caller: Any = COACH) -> GuestReport:
    listed = [Guest(email=f"{each}@example.org") for each in names]
    return use_case.replace(caller, session, session_type="group", guests=listed, now=NOW)


def test_a_session_has_only_so_many_guests_even_for_an_admin() -> None:
    use_case = guests()
    put(use_case, "abcd")

    for caller in (COACH, ADMIN):
        with pytest.raises(TooManyRequests, match="at most 4 guests"):
            put(use_case, "abcde", "s2", caller)


def test_only_guests_who_are_new_on_the_list_count() -> None:
    use_case = guests()
    put(use_case, "abc")
    put(use_case, "ABCb")
    put(use_case, "ab")
    put(use_case, "abcd")

    with pytest.raises(TooManyRequests, match="at most 5 guests a day"):
        put(use_case, "x", "s2")


def test_a_list_that_loses_races_counts_its_guests_once() -> None:
    use_case = guests(left=3)

    put(use_case, "abcd")

    put(use_case, "x", "s2")

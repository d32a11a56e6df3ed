"""Mails over a limit wait; cancellations and what the limits protect do not."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.audit import AuditAction, AuditEntry
from shared.domain.event import Contact
from shared.domain.interval import Interval
from shared.domain.invite import DeliveryState, InviteMethod, invite_id
from shared.domain.limits import (
    DAY,
    HOUR,
    MAILS_OF_SESSION,
    MAILS_OF_USER,
    MAILS_TO_RECIPIENT,
    Limit,
)
from tests.support.limit_counts import MemoryCounts, limits_of
from tests.support.mail_harness import (
    KILLED_BEFORE,
    THROTTLED,
    TIMED_OUT_SENT,
    MailHarness,
    address,
)
from tests.support.sync_harness import START

MINUTE = timedelta(minutes=1)
TO_MIDNIGHT = timedelta(hours=15)
"""From `START` to the end of the UTC day."""


def limited(counts: MemoryCounts | None = None, **allowed: int) -> MailHarness:
    """Return a harness with a session of Ann, and limits per user, session and recipient."""
    names: dict[str, Limit] = {
        "user": MAILS_OF_USER,
        "session": MAILS_OF_SESSION,
        "recipient": MAILS_TO_RECIPIENT,
    }
    limits = limits_of({names[name]: number for name, number in allowed.items()}, counts)
    harness = MailHarness(limits=limits)
    harness.book()
    return harness


def by(user: str, role: str = "Coach", version: int = 1) -> AuditEntry:
    return AuditEntry(
        action=AuditAction.CHANGED, actor_id=user, role=role, at=START, version=version
    )


def rename(harness: MailHarness, *titles: str, event_id: str = "s1") -> None:
    for title in titles:
        harness.change(event_id, title=title)
        harness.drain(event_id)


def wait(harness: MailHarness, duration: timedelta, event_id: str = "s1") -> None:
    """Advance the clock, then sweep until the sweeper has found what was waiting."""
    harness.advance(duration)
    if event_id in harness.sweep().redriven:
        harness.drain(event_id)


def test_a_mail_over_a_limit_waits_visibly_and_is_sent_in_the_next_window() -> None:
    harness = limited(session=1)
    harness.drain()

    rename(harness, "New")

    attempt = harness.attempt_of("ann")
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert (attempt.status, attempt.not_before) == (DeliveryState.PENDING, START + HOUR)
    assert attempt.diagnostic == (
        "Waits until 2026-11-23 10:00 UTC: a session sends at most 1 mails an hour."
    )

    wait(harness, HOUR)

    attempt = harness.attempt_of("ann")
    assert harness.mails_to("ann") == ["REQUEST 0"] * 2
    assert harness.shows("ann")
    assert (attempt.number, attempt.status, attempt.not_before, attempt.diagnostic) == (
        2,
        DeliveryState.SENT,
        None,
        None,
    )


def test_a_waiting_mail_does_not_hold_back_the_event() -> None:
    harness = limited(session=1)
    harness.drain()
    harness.change(title="New")

    assert harness.deliver() is None

    report = harness.sweep()
    assert (report.waiting, report.longest) == (0, timedelta(0))


def test_only_the_last_of_many_changes_is_sent_after_the_wait() -> None:
    harness = limited(session=2)
    harness.drain()

    rename(harness, *(f"Title {number}" for number in range(30)))

    assert len(harness.mails_to("ann")) == 2
    assert len(harness.invite_of("ann").attempts) == 3
    wait(harness, HOUR)
    assert len(harness.mails_to("ann")) == 3
    assert harness.shows("ann")


@pytest.mark.parametrize(("limit", "window"), [("recipient", DAY), ("session", HOUR)])
def test_removing_and_adding_a_guest_again_and_again_sends_few_mails(
    limit: str, window: timedelta
) -> None:
    harness = limited(None, **{limit: 6})
    harness.drain()
    for _ in range(20):
        harness.invite_guests("gus")
        harness.drain()
        harness.invite_guests()
        harness.drain()

    assert len(harness.mails_to("gus")) <= 7
    wait(harness, window)
    assert harness.mails_to("gus")[-1].startswith("CANCEL")


def test_a_cancellation_is_sent_although_every_limit_is_reached() -> None:
    harness = limited(user=1, session=1, recipient=1)
    harness.change(audit=(by("eve"),))
    harness.drain()
    rename(harness, "New")

    harness.cancel()
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1"]


def test_an_invitation_that_never_left_needs_no_cancellation() -> None:
    harness = limited(session=1)
    harness.drain()
    harness.invite_guests("gus")
    harness.drain()
    assert harness.attempt_of("gus").is_postponed

    harness.cancel()
    harness.drain()
    wait(harness, HOUR)

    assert harness.mails_to("gus") == []
    assert harness.invite_of("gus").attempts == ()


def test_mails_count_for_the_user_of_the_newest_version() -> None:
    harness = limited(user=1)
    harness.change(audit=(by("eve"),))
    harness.drain()
    harness.change(title="By Eve", audit=(by("eve", version=3),))
    harness.drain()
    assert harness.attempt_of("ann").is_postponed

    harness.change(title="By Mal", audit=(by("eve", version=3), by("mal", version=4)))
    harness.drain()

    assert len(harness.mails_to("ann")) == 2
    assert harness.shows("ann")


@pytest.mark.parametrize("role", ["Admin", "Service"])
def test_mails_that_an_admin_or_a_service_causes_do_not_count_per_user(role: str) -> None:
    harness = limited(user=1)
    harness.change(audit=(by("boss", role),))
    harness.drain()

    rename(harness, "One", "Two", "Three")

    assert len(harness.mails_to("ann")) == 4


def test_a_user_over_the_limit_does_not_use_up_the_mails_of_others_to_a_recipient() -> None:
    harness = limited(user=1, recipient=2)
    harness.change(audit=(by("eve"),))
    harness.drain()
    rename(harness, *(f"Title {number}" for number in range(9)))

    harness.book("s2", audit=(by("mal"),))
    harness.drain("s2")

    assert harness.shows("ann", "s2")


def test_a_mail_waits_while_it_cannot_be_counted() -> None:
    counts = MemoryCounts()
    harness = limited(counts, recipient=1)
    counts.is_down = True

    harness.drain()

    assert harness.mails_to("ann") == []
    assert "mails cannot be counted" in str(harness.attempt_of("ann").diagnostic)
    counts.is_down = False
    wait(harness, 5 * MINUTE)
    assert harness.mails_to("ann") == ["REQUEST 0"]


def test_a_cancellation_is_sent_although_it_cannot_be_counted() -> None:
    counts = MemoryCounts()
    harness = limited(counts, recipient=1)
    harness.drain()
    counts.is_down = True

    harness.cancel()
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1"]


@pytest.mark.parametrize("fault", [KILLED_BEFORE, THROTTLED])
def test_a_mail_that_is_tried_again_counts_once(fault: object) -> None:
    harness = limited(recipient=2)
    harness.mail.failures[address("ann")].extend([fault, fault, fault])  # type: ignore[list-item]
    harness.drain()

    rename(harness, "New")

    assert len(harness.mails_to("ann")) == 2


def test_a_mail_that_may_have_been_sent_is_cancelled_even_if_it_waited_before() -> None:
    harness = limited(session=1)
    harness.drain()
    harness.invite_guests("gus")
    harness.drain()
    harness.mail.fail(address("gus"), TIMED_OUT_SENT)
    harness.advance(HOUR)
    harness.deliver()
    assert not harness.attempt_of("gus").is_postponed

    harness.invite_guests()
    harness.drain()

    assert [each.split()[0] for each in harness.mails_to("gus")] == ["REQUEST", "CANCEL"]


def test_a_resend_over_a_limit_waits_too() -> None:
    harness = limited(recipient=1)
    harness.drain()
    harness.request_resend("ann")
    harness.drain()
    assert harness.attempt_of("ann").is_postponed

    harness.drain()
    wait(harness, TO_MIDNIGHT)

    assert harness.mails_to("ann") == ["REQUEST 0"] * 2


class TestARecipientWhoComplained:
    def test_gets_no_mail_of_this_session_any_more(self) -> None:
        harness = limited()
        harness.drain()
        harness.record_delivery("ann", DeliveryState.COMPLAINT)

        rename(harness, "New")
        harness.cancel()
        harness.drain()

        assert harness.mails_to("ann") == ["REQUEST 0"]

    def test_gets_no_mail_of_another_session(self) -> None:
        harness = limited()
        harness.suppressions.suppress_address(invite_id(address("ann")), since=START)

        assert harness.drain() == []

        attempt = harness.attempt_of("ann")
        assert harness.mails_to("ann") == []
        assert (attempt.status, attempt.bounce_type) == (
            DeliveryState.FAILED,
            "RecipientComplained",
        )
        assert "complained" in str(attempt.diagnostic)

    def test_is_mailed_again_once_the_suppression_is_lifted_and_a_resend_is_requested(self) -> None:
        harness = limited()
        harness.suppressions.suppress_address(invite_id(address("ann")), since=START)
        harness.drain()
        harness.suppressions.lift_suppression(invite_id(address("ann")))

        rename(harness, "New")
        assert harness.mails_to("ann") == []

        harness.request_resend("ann")
        harness.drain()
        assert harness.shows("ann")


def test_guests_and_learners_read_the_name_of_the_coach_who_invites_them() -> None:
    harness = limited()
    contacts = (
        Contact("cora", address("cora"), "Cora Coach"),
        Contact("ann", address("ann"), "Ann"),
    )
    harness.change(coach_ids=("zoe", "cora"), contacts=contacts)
    harness.invite_guests("gus")

    harness.drain()

    (to_guest,) = harness.mail.to(address("gus"))
    (to_learner,) = harness.mail.to(address("ann"))
    assert (to_guest.inviter, to_learner.inviter) == ("Cora Coach", "Cora Coach")


def test_guests_read_the_name_of_the_organization_instead_of_a_name_that_a_learner_wrote() -> None:
    harness = limited()
    created = AuditEntry(
        action=AuditAction.CREATED, actor_id="ann", role="Learner", at=START, version=1
    )
    contacts = (Contact("ann", address("ann"), "Your bank: verify your account"),)
    harness.change(coach_ids=("cora",), contacts=contacts, audit=(created,))
    harness.invite_guests("gus")

    harness.drain()

    assert [each.inviter for each in harness.mail.to(address("gus"))] == ["Acme"]


ACTIONS = st.lists(
    st.sampled_from(["rename", "add", "remove", "resend", "wait", "mal", "eve"]), max_size=12
)


@settings(max_examples=150)
@given(actions=ACTIONS, user=st.integers(1, 3), session=st.integers(1, 3), each=st.integers(1, 3))
def test_whatever_is_done_no_more_mails_leave_than_allowed_and_none_is_lost(
    actions: list[str], user: int, session: int, each: int
) -> None:
    harness = limited(user=user, session=session, recipient=each)
    # The session is far enough away that no mail still waits for a limit at its end.
    far = Interval(START + 100 * DAY, START + 100 * DAY + HOUR)
    harness.change(audit=(by("eve"),), interval=far)
    for number, action in enumerate(actions):
        if action == "wait":
            wait(harness, HOUR)
        elif action == "resend" and harness.invites.invite("s1", invite_id(address("ann"))):
            harness.request_resend("ann")
        elif action in {"add", "remove"}:
            harness.invite_guests(*(["gus"] if action == "add" else []))
        else:
            actor = action if action in {"eve", "mal"} else "eve"
            harness.change(title=f"Title {number}", audit=(by(actor, version=number),))
        harness.drain()

    days = Counter(
        (mail.address, mail.stamp.date())
        for mail in harness.mail.sent
        if mail.content.method is InviteMethod.REQUEST
    )
    assert all(number <= each for number in days.values())
    for name in ("ann", "gus"):
        methods = [mail.split()[0] for mail in harness.mails_to(name)]
        assert methods.count("CANCEL") <= methods.count("REQUEST")
    for _ in range(60):
        wait(harness, DAY)
    assert harness.shows("ann")
    assert harness.shows("gus") == bool(_guests(harness))


def _guests(harness: MailHarness) -> tuple[object, ...]:
    guest_list = harness.invites.guest_list("s1")
    return guest_list.attendees if guest_list else ()

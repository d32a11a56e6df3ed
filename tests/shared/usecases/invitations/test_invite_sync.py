import pytest

from shared.domain.event import EventStatus
from shared.domain.invite import DeliveryState, InviteKind
from tests.support.mail_harness import MailHarness, address, session_of_ann


@pytest.fixture
def harness() -> MailHarness:
    """One session of Ann, who has no calendar connected."""
    return session_of_ann()


def test_a_participant_without_a_calendar_gets_one_mail(
    harness: MailHarness,
) -> None:
    waits = harness.drain()
    harness.drain()

    assert waits == []
    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert (InviteKind.PARTICIPANT, "ann", DeliveryState.SENT) == (
        harness.invite_of("ann").kind,
        harness.invite_of("ann").user_id,
        harness.invite_of("ann").status,
    )


def test_a_mail_has_the_tags_and_the_uid_of_its_session(harness: MailHarness) -> None:
    harness.drain()

    (mail,) = harness.mail.sent
    assert mail.uid == "s1@mail.example"
    assert harness.mail.tags == [
        {"event": "s1", "invite": harness.invite_of("ann").id, "attempt": "1"}
    ]


def test_a_participant_with_a_calendar_gets_a_copy_and_no_mail(harness: MailHarness) -> None:
    harness.connect("ann", "a1")

    harness.drain()

    assert harness.mail.sent == []
    assert harness.copy_titles() == ["Coaching"]


def test_a_participant_without_an_address_gets_neither_copy_nor_mail() -> None:
    harness = MailHarness()
    harness.book(contacts=())

    assert harness.drain() == []
    assert harness.memory.invites == {}


def test_only_visible_changes_are_mailed(harness: MailHarness) -> None:
    harness.drain()
    harness.change(title="Review")
    harness.drain()
    harness.change(request_digest="other")
    harness.drain()
    harness.move()
    harness.drain()
    harness.change(location="Room 2", sequence=2)
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "REQUEST 0", "REQUEST 1", "REQUEST 2"]
    assert [each.is_update for each in harness.mail.sent] == [False, True, True, True]
    assert {each.uid for each in harness.mail.sent} == {"s1@mail.example"}


def test_a_cancelled_event_is_cancelled_for_all_who_were_invited(harness: MailHarness) -> None:
    harness.invite_guests("gus")
    harness.drain()
    harness.cancel()
    harness.drain()
    harness.drain()

    assert [harness.mails_to(name) for name in ("ann", "gus")] == [["REQUEST 0", "CANCEL 1"]] * 2


def test_an_event_cancelled_before_the_first_mail_sends_no_mail(harness: MailHarness) -> None:
    harness.cancel()

    harness.drain()

    assert harness.mail.sent == []


def test_nothing_is_sent_while_an_event_is_pending(harness: MailHarness) -> None:
    harness.book("s2", status=EventStatus.PENDING_APPROVAL)
    harness.invite_guests("gus", event_id="s2")
    harness.drain("s2")
    before = list(harness.mail.sent)
    harness.change("s2", status=EventStatus.SCHEDULED)
    harness.drain("s2")

    assert before == []
    assert {address("ann"), address("gus")} == {each.address for each in harness.mail.sent}


def test_leaving_sends_a_cancellation_and_returning_an_invitation(
    harness: MailHarness,
) -> None:
    harness.drain()
    harness.change(learner_ids=("bob",))
    harness.drain()
    gone = harness.shows("ann")
    harness.change(learner_ids=("ann",))
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1", "REQUEST 2"]
    assert not gone
    assert harness.shows("ann")


def test_guests_who_stay_get_no_mail_when_others_change(harness: MailHarness) -> None:
    harness.invite_guests("gus", "hal")
    harness.drain()
    harness.invite_guests("gus", "ivy")
    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]
    assert harness.mails_to("hal") == ["REQUEST 0", "CANCEL 1"]
    assert harness.mails_to("ivy") == ["REQUEST 0"]


def test_guests_set_before_the_event_exists_are_invited_with_it() -> None:
    harness = MailHarness()
    harness.invite_guests("gus")
    harness.deliver()
    harness.book(users=())
    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]


def test_an_invalid_address_counts_as_none() -> None:
    harness = MailHarness()
    harness.people.save_profile("ann", email="ann at work", roles=frozenset())
    harness.book()

    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0"]


def test_a_stack_that_sends_no_mail_writes_copies_only() -> None:
    harness = MailHarness()
    harness.has_mail = False
    harness.sync = harness.worker()
    harness.book()

    assert harness.drain() == []
    assert harness.memory.invites == {}

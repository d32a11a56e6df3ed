"""Which of a participant's addresses is mailed, and what follows when it changes."""

import pytest

from shared.domain.connection import Provider
from shared.domain.event import Contact
from shared.domain.invite import DeliveryState
from tests.support.faulty_calendar import MemoryProviders
from tests.support.mail_harness import MailHarness, address, session_of_ann
from tests.support.sync_harness import MAIL_DOMAIN, SyncHarness


@pytest.fixture
def harness() -> MailHarness:
    """One session of Ann, whose only address comes from a contact."""
    return session_of_ann()


def learn_address(harness: MailHarness, user: str, name: str) -> None:
    """Store the address of a user's token."""
    harness.people.save_profile(user, email=address(name), roles=frozenset())


def test_the_own_address_wins_over_a_contact(harness: MailHarness) -> None:
    learn_address(harness, "ann", "own")

    harness.drain()

    assert (harness.mails_to("own"), harness.mails_to("ann")) == (["REQUEST 0"], [])


def test_a_broken_caldav_account_with_the_name_of_an_address_gets_no_mail() -> None:
    harness = MailHarness()
    SyncHarness.connect(harness, "ann", "a1")
    harness.revoke("ann", "a1")
    harness.book(contacts=())

    harness.drain()

    assert harness.mail.sent == []


def test_a_guest_is_invited_although_a_caldav_account_has_the_name_of_their_address() -> None:
    harness = MailHarness()
    SyncHarness.connect(harness, "gus", "g1")
    harness.book(users=("gus",), contacts=())
    harness.invite_guests("gus")

    harness.drain()

    assert harness.mails_to("gus") == ["REQUEST 0"]
    assert harness.copy_titles("g1") == ["Coaching"]


def test_a_guest_with_the_address_of_a_google_calendar_is_left_out() -> None:
    harness = MailHarness()
    harness.providers = MemoryProviders({Provider.GOOGLE: harness.calendar})
    harness.sync = harness.worker()
    SyncHarness.connect(harness, "ann", "a1", provider=Provider.GOOGLE)
    harness.book(contacts=())
    harness.invite_guests("ANN")

    harness.drain()

    assert harness.mail.sent == []
    assert harness.copy_titles() == ["Coaching"]


def test_a_participant_moves_from_a_contact_to_their_own_address(harness: MailHarness) -> None:
    harness.drain()
    learn_address(harness, "ann", "own")
    harness.move()
    harness.drain()
    harness.move()
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1"]
    assert harness.mails_to("own") == ["REQUEST 2", "REQUEST 3"]
    assert (harness.shows("ann"), harness.shows("own")) == (False, True)


def test_an_invitation_to_a_new_address_outranks_the_cancellation_of_the_old_one(
    harness: MailHarness,
) -> None:
    harness.drain()
    learn_address(harness, "ann", "own")
    harness.move()
    harness.drain()

    # Both addresses may belong to one calendar, which follows the highest SEQUENCE of a UID.
    newest = max(harness.mail.sent, key=lambda each: each.content.sequence)
    assert newest.uid == f"s1@{MAIL_DOMAIN}"
    assert (newest.address, newest.content.method) == (address("own"), "REQUEST")


def test_an_invited_own_address_stays_when_another_one_becomes_known(harness: MailHarness) -> None:
    learn_address(harness, "ann", "own")
    harness.drain()
    harness.change(contacts=(Contact("ann", address("other")),))
    harness.drain()

    assert harness.mails_to("own") == ["REQUEST 0"]
    assert harness.mails_to("other") == []


def test_a_corrected_contact_replaces_the_old_one(harness: MailHarness) -> None:
    harness.drain()
    harness.change(contacts=(Contact("ann", address("new")),))
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0", "CANCEL 1"]
    assert harness.mails_to("new") == ["REQUEST 2"]


def test_an_address_that_got_nothing_gets_no_cancellation(harness: MailHarness) -> None:
    harness.drain()
    harness.record_delivery("ann", DeliveryState.BOUNCED, bounce_type="Permanent/General")
    harness.change(contacts=(Contact("ann", address("new")),))
    harness.drain()

    assert harness.mails_to("ann") == ["REQUEST 0"]
    assert len(harness.mails_to("new")) == 1


def test_the_next_known_address_is_used_after_a_permanent_bounce(harness: MailHarness) -> None:
    learn_address(harness, "ann", "own")
    harness.drain()
    harness.record_delivery("own", DeliveryState.BOUNCED, bounce_type="Permanent/General")
    harness.move()
    harness.drain()

    assert harness.mails_to("own") == ["REQUEST 0"]
    assert len(harness.mails_to("ann")) == 1

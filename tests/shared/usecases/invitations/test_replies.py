import itertools
from dataclasses import replace
from typing import Any

import pytest

from shared.domain.errors import LostRace
from shared.domain.invite import Answer, Invite, InviteMethod, invite_id
from shared.domain.replies import ReplyOutcome, current_response
from shared.ports import Metric
from shared.usecases.invitations.replies import TRIES, Replies
from tests.support.invite_memory import HookedInvites
from tests.support.mail_harness import MailHarness, address
from tests.support.mailed import START
from tests.support.meter import FakeMeter
from tests.support.replied import REPLY_ADDRESS, answerable, reply

DOMAIN = "mail.example"
EVE = "eve@example.org"


def replies(store: HookedInvites, meter: FakeMeter | None = None) -> Replies:
    """Return the use-case over a store."""
    return Replies(
        invites=store, mail_domain=DOMAIN, pause=lambda _: None, meter=meter or FakeMeter()
    )


def stored(store: HookedInvites) -> Invite:
    (invite,) = store.invites("session-1")
    return invite


def answer_of(invite: Invite) -> Answer | None:
    response = current_response(invite)
    return response.answer if response else None


def test_a_reply_is_stored_once_however_often_it_arrives() -> None:
    store, meter = HookedInvites(answerable()), FakeMeter()
    service = replies(store, meter)

    outcomes = [service.record(reply(comment="Fine")) for _ in range(3)]

    assert [ReplyOutcome.CHANGED, ReplyOutcome.KNOWN, ReplyOutcome.KNOWN] == outcomes
    assert 1 == store.saves
    response = current_response(stored(store))
    assert response is not None
    assert (Answer.ACCEPTED, "Fine") == (response.answer, response.comment)
    assert 2 == meter.counts[Metric.REPLIES.value, "known"]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"uid": "session-1@other.example"}, ReplyOutcome.FOREIGN),
        ({"uid": "session-2@mail.example"}, ReplyOutcome.FOREIGN),
        ({"uid": "@mail.example"}, ReplyOutcome.FOREIGN),
        ({"uid": "session-1"}, ReplyOutcome.FOREIGN),
        ({"address": EVE}, ReplyOutcome.FOREIGN),
        ({"sent_to": (f"rsvp+{'0' * 32}@rsvp.example.com",)}, ReplyOutcome.FORGED),
        ({"sequence": 1}, ReplyOutcome.NEVER_SENT),
    ],
)
def test_a_foreign_or_forged_reply_changes_nothing(
    changes: dict[str, Any], expected: ReplyOutcome
) -> None:
    store, meter = HookedInvites(answerable()), FakeMeter()

    assert replies(store, meter).record(reply(**changes)) is expected

    assert (0, answerable()) == (store.saves, stored(store))
    assert 1 == meter.counts[Metric.REPLIES.value, expected.value]


@pytest.mark.parametrize(
    "invite", [answerable(sequence=1), answerable(sequence=1, method=InviteMethod.CANCEL)]
)
def test_a_stale_reply_changes_nothing(invite: Invite) -> None:
    store = HookedInvites(invite)

    assert replies(store).record(reply()) is ReplyOutcome.STALE
    assert 0 == store.saves


def test_one_recipient_cannot_answer_for_another() -> None:
    eve = replace(answerable(), address=EVE, reply_address=f"rsvp+{'e' * 32}@rsvp.example.com")
    store = HookedInvites(answerable(), eve)

    outcome = replies(store).record(reply(address=EVE, sent_to=(REPLY_ADDRESS,)))

    assert outcome is ReplyOutcome.FORGED
    assert store.invite("session-1", invite_id(EVE)) == eve


def test_a_mail_that_cannot_be_read_is_counted() -> None:
    store, meter = HookedInvites(answerable()), FakeMeter()

    assert replies(store, meter).record(None) is ReplyOutcome.UNREADABLE
    assert 1 == meter.counts[Metric.REPLIES.value, "unreadable"]


def test_a_reply_survives_a_concurrent_change_of_the_delivery_status() -> None:
    store = HookedInvites(answerable())

    def other_writer() -> None:
        store.before_save = lambda: None
        current = stored(store)
        seen = replace(current.attempts[0], message_id="m-1", updated_at=START)
        store.save_invite(replace(current, attempts=(seen,)))

    store.before_save = other_writer

    assert replies(store).record(reply()) is ReplyOutcome.CHANGED
    assert ("m-1", Answer.ACCEPTED) == (
        stored(store).attempts[0].message_id,
        answer_of(stored(store)),
    )


def test_a_reply_that_always_loses_is_tried_again_later() -> None:
    store = HookedInvites(answerable())
    tries = itertools.count(1)

    def always_lost() -> None:
        next(tries)
        raise LostRace("another writer was first")

    store.before_save = always_lost

    with pytest.raises(LostRace):
        replies(store).record(reply())
    assert TRIES + 1 == next(tries)


def harness() -> MailHarness:
    """Return a service that receives answers, at addresses that are numbered."""
    numbers = itertools.count(1)
    return MailHarness(reply_address=lambda: f"rsvp+{next(numbers):032x}@rsvp.example.com")


def test_every_recipient_has_an_own_address_for_answers_in_every_mail() -> None:
    service = harness()
    service.book(users=("ann", "bob"))
    service.drain()
    service.move()
    service.drain()
    service.cancel()
    service.drain()

    addresses = {
        name: {each.reply_address for each in service.mail.to(address(name))}
        for name in ("ann", "bob")
    }

    assert all(len(each) == 1 for each in addresses.values())
    assert None not in addresses["ann"] | addresses["bob"]
    assert addresses["ann"] != addresses["bob"]
    assert 3 == len(service.mail.to(address("ann")))


def test_an_invitation_from_before_keeps_its_organizer() -> None:
    service = MailHarness()
    service.book()
    service.drain()
    service.reply_address = harness().reply_address
    service.sync = service.worker()
    service.move()
    service.drain()

    assert [None, None] == [each.reply_address for each in service.mail.to(address("ann"))]


def test_an_answer_stays_while_mail_is_sent_and_is_asked_again_after_a_move() -> None:
    service = harness()
    service.book()
    service.drain()
    invite = service.invite_of("ann")
    answer = reply(
        uid="s1@mail.example", address=address("ann"), sent_to=(invite.reply_address or "",)
    )
    Replies(
        invites=service.invites, mail_domain=DOMAIN, pause=lambda _: None, meter=service.meter
    ).record(answer)

    service.change("s1", title="Another title")
    service.drain()
    after_title = answer_of(service.invite_of("ann"))
    service.move()
    service.drain()

    assert Answer.ACCEPTED is after_title
    assert answer_of(service.invite_of("ann")) is None

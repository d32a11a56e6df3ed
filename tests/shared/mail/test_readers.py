"""Other people's readers find in every mail of a session's life what was put there."""

from datetime import timedelta

import pytest

from shared.domain.invite import InviteMethod
from shared.ports import InviteMail
from tests.support.invitations import UID, body, invitation, life, vevent, written
from tests.support.libical import complaints
from tests.support.mail_world import MailWorld, address
from tests.support.readers import as_ical_js_reads, as_icalendar_reads, expected

LIFE = life()


@pytest.mark.parametrize("name", LIFE)
def test_icalendar_reads_what_was_written(name: str) -> None:
    assert expected(LIFE[name]) == as_icalendar_reads(written(LIFE[name]))


def test_ical_js_reads_what_was_written() -> None:
    found = as_ical_js_reads({name: written(mail) for name, mail in LIFE.items()})

    assert {name: expected(mail) for name, mail in LIFE.items()} == found


@pytest.mark.parametrize("name", LIFE)
def test_libical_has_nothing_against_it(name: str) -> None:
    assert "" == complaints(body(written(LIFE[name]), "text/calendar"))


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"METHOD:REQUEST", b"METHOD:PUBLISH"),
        (b"DTSTAMP:", b"X-STAMP:"),
        (b"DTSTART:", b"DTSTART:tomorrow or "),
        (b"ORGANIZER;", b"X-ORGANIZER;"),
        (b"ATTENDEE;", b"X-ATTENDEE;"),
        (b"UID:", b"X-UID:"),
    ],
)
def test_libical_would_notice_what_is_wrong(there: bytes, instead: bytes) -> None:
    text = body(written(invitation()), "text/calendar")

    assert complaints(text.replace(there, instead))


def test_the_life_of_a_session_is_one_uid_whose_sequence_and_stamp_only_grow() -> None:
    events = [vevent(written(mail)) for mail in LIFE.values()]

    assert {UID} == {str(each["UID"]) for each in events}
    assert [0, 1, 2, 3, 4, 5] == [int(each["SEQUENCE"]) for each in events]
    stamps = [each["DTSTAMP"].dt for each in events]
    assert sorted(set(stamps)) == stamps


def lived() -> list[InviteMail]:
    """The mails of a whole life, as the service sends them: made, moved, joined, left, ended."""
    world = MailWorld()

    def settle() -> None:
        world.drain()
        world.advance(timedelta(minutes=10))

    world.book(users=("ann",), session_link="https://meet.example/1")
    settle()
    for _ in range(3):
        world.move()
        settle()
    world.change(location="Room 5", sequence=world.event().sequence + 1)
    settle()
    for guests in (("gus",), ()):
        world.invite_guests(*guests)
        settle()
    world.cancel()
    settle()
    return world.mail.sent


def test_every_mail_the_service_sends_in_a_life_is_read_alike_by_all_three() -> None:
    mails = {str(number): mail for number, mail in enumerate(lived())}
    wanted = {name: expected(mail) for name, mail in mails.items()}
    raws = {name: written(mail) for name, mail in mails.items()}

    assert wanted == {name: as_icalendar_reads(raw) for name, raw in raws.items()}
    assert wanted == as_ical_js_reads(raws)
    assert [""] * 8 == [complaints(body(raw, "text/calendar")) for raw in raws.values()]


def test_each_recipient_is_told_of_each_stage_once() -> None:
    mails = lived()

    def told(name: str) -> list[tuple[InviteMethod, int]]:
        return [(m.content.method, m.content.sequence) for m in mails if m.address == address(name)]

    request, cancel = InviteMethod.REQUEST, InviteMethod.CANCEL
    assert [*((request, n) for n in range(5)), (cancel, 5)] == told("ann")
    assert [(request, 4), (cancel, 5)] == told("gus")

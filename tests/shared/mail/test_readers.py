"""Third-party iCalendar parsers read every mail of a session's life as intended."""

from datetime import timedelta

import pytest

from shared.domain.invite import InviteMethod
from shared.ports import InviteMail
from tests.support.invitation_readers import as_ical_js_reads, as_icalendar_reads, expected
from tests.support.invitation_samples import UID, body, invitation, mail_sequence, vevent, written
from tests.support.libical import complaints
from tests.support.mail_harness import MailHarness, address

LIFE = mail_sequence()


@pytest.mark.parametrize("name", LIFE)
def test_icalendar_reads_the_mail_as_written(name: str) -> None:
    assert expected(LIFE[name]) == as_icalendar_reads(written(LIFE[name]))


def test_ical_js_reads_the_mails_as_written() -> None:
    result = as_ical_js_reads({name: written(mail) for name, mail in LIFE.items()})

    assert {name: expected(mail) for name, mail in LIFE.items()} == result


@pytest.mark.parametrize("name", LIFE)
def test_libical_reports_no_problem(name: str) -> None:
    assert "" == complaints(body(written(LIFE[name]), "text/calendar"))


@pytest.mark.parametrize(
    ("original", "replacement"),
    [
        (b"METHOD:REQUEST", b"METHOD:PUBLISH"),
        (b"DTSTAMP:", b"X-STAMP:"),
        (b"DTSTART:", b"DTSTART:tomorrow or "),
        (b"ORGANIZER;", b"X-ORGANIZER;"),
        (b"ATTENDEE;", b"X-ATTENDEE;"),
        (b"UID:", b"X-UID:"),
    ],
)
def test_libical_reports_a_broken_property(original: bytes, replacement: bytes) -> None:
    text = body(written(invitation()), "text/calendar")

    assert complaints(text.replace(original, replacement))


def test_a_session_keeps_its_uid_and_its_sequence_and_stamp_only_grow() -> None:
    events = [vevent(written(mail)) for mail in LIFE.values()]

    assert {UID} == {str(each["UID"]) for each in events}
    assert [0, 1, 2, 3, 4, 5] == [int(each["SEQUENCE"]) for each in events]
    stamps = [each["DTSTAMP"].dt for each in events]
    assert sorted(set(stamps)) == stamps


def sent_mails() -> list[InviteMail]:
    """Return the mails of a session that is booked, moved, changed and cancelled."""
    harness = MailHarness()

    def deliver() -> None:
        harness.drain()
        harness.advance(timedelta(minutes=10))

    harness.book(users=("ann",), session_link="https://meet.example/1")
    deliver()
    for _ in range(3):
        harness.move()
        deliver()
    harness.change(location="Room 5", sequence=harness.event().sequence + 1)
    deliver()
    for guests in (("gus",), ()):
        harness.invite_guests(*guests)
        deliver()
    harness.cancel()
    deliver()
    return harness.mail.sent


def test_all_three_parsers_agree_on_every_mail_of_a_session() -> None:
    mails = {str(number): mail for number, mail in enumerate(sent_mails())}
    expected_fields = {name: expected(mail) for name, mail in mails.items()}
    raws = {name: written(mail) for name, mail in mails.items()}

    assert expected_fields == {name: as_icalendar_reads(raw) for name, raw in raws.items()}
    assert expected_fields == as_ical_js_reads(raws)
    assert [""] * 8 == [complaints(body(raw, "text/calendar")) for raw in raws.values()]


def test_each_recipient_gets_each_stage_once() -> None:
    mails = sent_mails()

    def stages(name: str) -> list[tuple[InviteMethod, int]]:
        return [(m.content.method, m.content.sequence) for m in mails if m.address == address(name)]

    request, cancel = InviteMethod.REQUEST, InviteMethod.CANCEL
    assert [*((request, n) for n in range(5)), (cancel, 5)] == stages("ann")
    assert [(request, 4), (cancel, 5)] == stages("gus")

import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.address import parse_mailbox
from shared.domain.event import Contact
from shared.domain.invite import InviteMethod
from shared.domain.text import is_blank
from shared.mail.writer import MimeInvites
from shared.ports import CancelCause, InviteMail
from tests.support.invitation_samples import (
    ADDRESS,
    SENDER,
    STAMP,
    UID,
    body,
    calendar,
    cancellation,
    invitation,
    meeting,
    parsed,
    part,
    text,
    vevent,
    written,
)
from tests.support.libical import complaints
from tests.support.replied import REPLY_ADDRESS

TREE = [
    ("multipart/mixed", None, None),
    ("multipart/alternative", None, None),
    ("text/plain", "quoted-printable", None),
    ("text/html", "quoted-printable", None),
    ("text/calendar", "base64", None),
    ("application/ics", "base64", "invite.ics"),
]
IN_BERLIN = "Fri, 27 Mar 2026, 10:00 (UTC+01:00)"
REORDERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
BREAKS = [
    "a\r\nBcc: eve@evil.example",
    "a\nATTENDEE:mailto:eve@evil.example",
    "a\rb",
    "a\r\n\r\nbody",
    "a\x00b",
    "a\tb",
    "a\x0bb",
    "a\x1cb",
    "a\x7f",
    "a\x85b",
    "a\u2028b",
    "a\u2029b",
    "a\ud800",
]
ONE_LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=120
)
ODD_TITLES = [
    "=?utf-8?q?=0D=0ABcc=3A_eve=40evil.example?=",
    "a =?utf-8?b?Zm9v?= b",
    " leading and trailing ",
    "two  spaces",
    "x" * 300,
    "🗓" * 300,
    "ü " * 150,
    "100% & more \\; \\, \\N",
    "\\n\\, ; : \" ' ^n ^^ <b>&amp;",
    "END:VEVENT",
    "--=_m_",
    "From here",
    ".",
    "\u05d0\u05d1\u05d2 RTL",
    "a\u200db",
]


def assert_valid_for_smtp(raw: bytes) -> None:
    """Check that the message is 7-bit, with CRLF line ends and at most 998 bytes per line."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert not [each for each in lines if b"\r" in each or b"\n" in each or b"\0" in each]
    assert max(map(len, lines)) <= 998


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_message_has_the_parts_mail_clients_expect(mail: InviteMail) -> None:
    tree = [
        (each.get_content_type(), each["Content-Transfer-Encoding"], each.get_filename())
        for each in parsed(written(mail)).walk()
    ]

    assert tree == TREE


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_method_is_the_same_in_all_places(mail: InviteMail) -> None:
    raw = written(mail)

    calendar_part = part(raw, "text/calendar")
    assert ("text/calendar", "utf-8", mail.content.method.value) == (
        calendar_part.get_content_type(),
        calendar_part.get_content_charset(),
        calendar_part.get_param("method"),
    )
    assert str(calendar(raw)["METHOD"]) == mail.content.method
    assert f"method={mail.content.method.value}".encode() in raw


def test_the_attachment_equals_the_calendar_part() -> None:
    raw = written(invitation())

    assert body(raw, "text/calendar") == body(raw, "application/ics")


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_message_and_its_calendar_are_valid_for_smtp(mail: InviteMail) -> None:
    raw = written(mail)

    assert_valid_for_smtp(raw)
    folded = body(raw, "text/calendar")
    assert b"\n" not in folded.replace(b"\r\n", b"")
    assert b"\r" not in folded.replace(b"\r\n", b"")
    assert max(map(len, folded.split(b"\r\n"))) <= 75


def test_a_mail_has_no_address_but_those_of_sender_and_recipient() -> None:
    contacts = (
        Contact("coach-1", "ada@example.org", "Ada"),
        Contact("learner-1", ADDRESS, "Kay"),
        Contact("learner-2", "lea@example.org", "Lea <lea@example.org>"),
    )
    event = meeting(learner_ids=("learner-1", "learner-2"), contacts=contacts)
    raw = written(invitation(event))

    texts = [text(raw, kind) for kind in ("text/plain", "text/html", "text/calendar")]
    texts += [str(parsed(raw)[name]) for name in ("From", "To", "Subject")]
    found = {each for shown in texts for each in re.findall(r"[\w.-]+@[\w.-]+", shown)}
    assert found - {UID} == {ADDRESS, "sessions@mail.example"}


def test_the_headers_have_sender_recipient_and_date() -> None:
    message = parsed(written(invitation()))

    assert ["sessions@mail.example"] == [each.addr_spec for each in message["From"].addresses]
    assert ["Coaching, Inc."] == [each.display_name for each in message["From"].addresses]
    assert [(ADDRESS, "Kay")] == [
        (each.addr_spec, each.display_name) for each in message["To"].addresses
    ]
    assert STAMP == parsedate_to_datetime(message["Date"])
    assert re.fullmatch(r"<[0-9a-f]{32}@mail\.example>", message["Message-ID"])
    assert ["1.0"] == message.get_all("MIME-Version")
    assert not {"Bcc", "Cc", "Reply-To"} & set(message.keys())
    assert message["X-Auto-Response-Suppress"] == "OOF, AutoReply"
    assert "Auto-Submitted" not in message  # importers skip mail that has it


def test_replies_go_to_the_address_that_the_stack_names() -> None:
    writer = MimeInvites(sender=SENDER, reply_to="Coaching team <team@example.org>")

    message = parsed(writer.write(invitation()))

    assert "Coaching team <team@example.org>" == str(message["Reply-To"])
    assert "sessions@mail.example" == message["From"].addresses[0].addr_spec


@pytest.mark.parametrize(
    ("reply_to", "person"),
    [("", SENDER), ("team@example.org", "team@example.org"), ("Té <t@x.org>", "Té <t@x.org>")],
)
@pytest.mark.parametrize("method", InviteMethod)
def test_answers_of_calendars_go_to_their_own_address_and_people_reach_a_person(
    reply_to: str, person: str, method: InviteMethod
) -> None:
    writer = MimeInvites(sender=SENDER, reply_to=reply_to)
    mail = invitation(method=method, reply_address=REPLY_ADDRESS)

    raw = writer.write(mail)
    message, event = parsed(raw), vevent(raw)

    program, human = message["Reply-To"].addresses
    expected = parse_mailbox(person)
    assert REPLY_ADDRESS == program.addr_spec
    assert (expected.name or "", expected.address) == (human.display_name, human.addr_spec)
    assert f"mailto:{REPLY_ADDRESS}" == event["ORGANIZER"]
    assert {"CN": "Coaching, Inc.", "SENT-BY": "mailto:sessions@mail.example"} == dict(
        event["ORGANIZER"].params
    )


def test_the_organizer_can_stay_the_sender() -> None:
    writer = MimeInvites(sender=SENDER, organizes_as_sender=True)

    raw = writer.write(invitation(reply_address=REPLY_ADDRESS))

    assert "mailto:sessions@mail.example" == vevent(raw)["ORGANIZER"]
    assert REPLY_ADDRESS in str(parsed(raw)["Reply-To"])


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (invitation(), f"Invitation: Coaching, {IN_BERLIN}"),
        (invitation(is_update=True), f"Updated invitation: Coaching, {IN_BERLIN}"),
        (
            invitation(zone="Asia/Kolkata"),
            "Invitation: Coaching, Fri, 27 Mar 2026, 14:30 (UTC+05:30)",
        ),
        (cancellation(), f"Cancelled: Coaching, {IN_BERLIN}"),
        (
            invitation(method=InviteMethod.CANCEL, cause=CancelCause.REMOVED),
            f"You were removed: Coaching, {IN_BERLIN}",
        ),
        (invitation(meeting(title="Träume 🗓")), f"Invitation: Träume 🗓, {IN_BERLIN}"),
    ],
)
def test_the_subject_is_the_kind_of_mail_the_title_and_the_start(
    mail: InviteMail, expected: str
) -> None:
    assert expected == parsed(written(mail))["Subject"]


def test_equal_mails_have_equal_bytes_and_different_mails_different_ids() -> None:
    mail = invitation()

    assert written(mail) == written(replace(mail))
    others = [
        mail,
        cancellation(),
        replace(mail, address="lea@example.org"),
        replace(mail, stamp=STAMP.replace(minute=31)),
        invitation(meeting(title="Other")),
    ]
    assert len(others) == len({parsed(written(each))["Message-ID"] for each in others})


def test_a_recipient_without_a_name_is_a_bare_address() -> None:
    raw = written(invitation(name=None))

    assert parsed(raw)["To"] == ADDRESS
    assert "CN" not in vevent(raw)["ATTENDEE"].params


def test_the_domain_of_the_recipient_is_ascii() -> None:
    raw = written(invitation(address="kay@bücher.de"))

    assert "Kay <kay@xn--bcher-kva.de>" == str(parsed(raw)["To"])
    assert "mailto:kay@xn--bcher-kva.de" == str(vevent(raw)["ATTENDEE"])


def test_a_recipient_does_not_see_who_else_is_invited() -> None:
    raw = written(invitation())

    assert "ada@example.org" not in "".join(
        text(raw, each) for each in ("text/plain", "text/html", "text/calendar")
    )
    assert not isinstance(vevent(raw)["ATTENDEE"], list)


def displayed(value: str) -> str:
    """Return the text as displayed: empty if blank, without marks that reorder text."""
    cleaned = REORDERING.sub("", value)
    return "" if is_blank(cleaned) else cleaned


def with_text(field: str, value: str) -> InviteMail:
    """Return a mail with `value` in that field."""
    if field in {"uid", "name", "address"}:
        changes: Any = {field: value}
        return invitation(**changes)
    if field == "contact":
        return invitation(meeting(contacts=(Contact("coach-1", ADDRESS, value),)))
    return invitation(meeting(**{field: value}))


@pytest.mark.parametrize("value", BREAKS, ids=ascii)
@pytest.mark.parametrize("field", ["title", "session_link", "contact", "name", "uid", "address"])
def test_a_text_with_a_line_break_or_control_character_is_rejected(field: str, value: str) -> None:
    if field == "location" and {"\r", "\n"} & set(value):
        return  # a place may have lines, which are joined
    value = f"https://{value}" if field == "session_link" else value

    with pytest.raises(ValueError, match=r"invitation|must|has"):
        written(with_text(field, value))


@pytest.mark.parametrize("value", ["a\x00b", "a\x1bb", "a\u2028b"], ids=ascii)
def test_a_location_with_a_control_character_is_rejected(value: str) -> None:
    with pytest.raises(ValueError, match="invitation"):
        written(with_text("location", value))


def test_a_location_of_several_lines_is_written_on_one() -> None:
    raw = written(
        with_text("location", "12 High Street \r\n\nLondon\nLink: https://evil.example\n")
    )

    place = "12 High Street, London, Link: https://evil.example"
    assert place == str(vevent(raw)["LOCATION"])
    assert f"Where: {place}" in text(raw, "text/plain").split("\n")


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "data:text/html,x", "x"])
def test_a_link_that_is_not_a_web_url_is_rejected(link: str) -> None:
    with pytest.raises(ValueError, match="not an http or https URL"):
        written(invitation(meeting(session_link=link)))


@pytest.mark.parametrize(
    "address", ["", "kay", "Kay <kay@example.org>", "kay@example.org, e@x.org"]
)
def test_an_invalid_address_is_rejected(address: str) -> None:
    with pytest.raises(ValueError, match=r"must|has"):
        written(invitation(address=address))


@given(title=ONE_LINE, place=ONE_LINE, name=ONE_LINE, method=st.sampled_from(InviteMethod))
@example(title="a", place="b", name="c\u202ed", method=InviteMethod.REQUEST)
@example(title="\\", place="\\;", name="\\", method=InviteMethod.CANCEL)
@example(title=" ", place=" ", name="\u202e\u3000", method=InviteMethod.REQUEST)
@example(title='"', place=",", name='Dr. "Q"; O^Neil, Esq.', method=InviteMethod.REQUEST)
@settings(deadline=None, max_examples=40)
def test_any_texts_are_read_back_unchanged(
    title: str, place: str, name: str, method: InviteMethod
) -> None:
    event = meeting(title=title, location=place, contacts=(Contact("coach-1", ADDRESS, name),))

    raw = written(invitation(event, method=method, name=name))

    assert_valid_for_smtp(raw)
    assert "" == complaints(body(raw, "text/calendar"))
    title, place, name = (displayed(each) for each in (title, place, name))
    title = title or "Session"
    event_part = vevent(raw)
    hidden = method is InviteMethod.CANCEL and "://" in place
    place = "" if hidden else place
    assert (title, place) == (str(event_part["SUMMARY"]), str(event_part.get("LOCATION", "")))
    assert name.replace("\\", "/") == event_part["ATTENDEE"].params.get("CN", "")
    assert UID == str(event_part["UID"])
    plain = text(raw, "text/plain").split("\n")
    assert title in plain
    assert not place or f"Where: {place}" in plain


@pytest.mark.parametrize("title", ODD_TITLES, ids=range(len(ODD_TITLES)))
def test_odd_titles_are_read_back_unchanged(title: str) -> None:
    raw = written(invitation(meeting(title=title)))

    assert_valid_for_smtp(raw)
    assert f"Invitation: {title}, {IN_BERLIN}" == parsed(raw)["Subject"]
    assert title == str(vevent(raw)["SUMMARY"])
    assert ["Subject"] == [each for each in parsed(raw) if each in {"Subject", "Bcc"}]


@given(title=ONE_LINE)
@settings(deadline=None, max_examples=40)
def test_any_title_is_read_back_from_the_subject(title: str) -> None:
    message = parsed(written(invitation(meeting(title=title))))

    assert f"Invitation: {displayed(title) or 'Session'}, {IN_BERLIN}" == message["Subject"]


@given(name=ONE_LINE.filter(str.strip))
@settings(deadline=None, max_examples=40)
def test_any_name_leaves_one_recipient_address(name: str) -> None:
    message = parsed(written(invitation(name=name)))

    (recipient,) = message["To"].addresses
    assert ADDRESS == recipient.addr_spec

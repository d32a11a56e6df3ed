import re
from dataclasses import replace
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.domain.event import Contact
from shared.domain.invite import InviteMethod
from shared.mail.writer import MimeInvites
from shared.ports import InviteMail, InviteWriter
from tests.support.invitations import (
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

TREE = [
    ("multipart/mixed", None, None),
    ("multipart/alternative", None, None),
    ("text/plain", "quoted-printable", None),
    ("text/html", "quoted-printable", None),
    ("text/calendar", "base64", None),
    ("application/ics", "base64", "invite.ics"),
]
REORDERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
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
    "\\n\\, ; : \" ' ^n ^^ <b>&amp;",
    "END:VEVENT",
    "--=_m_",
    "From here",
    ".",
    "\u05d0\u05d1\u05d2 RTL",
    "a\u200db",
]


def assert_fit_for_smtp(raw: bytes) -> None:
    """7-bit, each line ended by CRLF and by nothing else, none longer than 998 bytes."""
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    lines = raw.split(b"\r\n")
    assert not [each for each in lines if b"\r" in each or b"\n" in each or b"\0" in each]
    assert max(map(len, lines)) <= 998


def test_the_writer_fills_its_port() -> None:
    port: InviteWriter = MimeInvites(sender=SENDER)

    assert port.write(invitation()) == written(invitation())


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_message_is_the_tree_mail_clients_act_on(mail: InviteMail) -> None:
    tree = [
        (each.get_content_type(), each["Content-Transfer-Encoding"], each.get_filename())
        for each in parsed(written(mail)).walk()
    ]

    assert tree == TREE


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_method_is_the_same_wherever_it_stands(mail: InviteMail) -> None:
    raw = written(mail)

    found = part(raw, "text/calendar")
    assert ("text/calendar", "utf-8", mail.content.method.value) == (
        found.get_content_type(),
        found.get_content_charset(),
        found.get_param("method"),
    )
    assert str(calendar(raw)["METHOD"]) == mail.content.method
    assert f"method={mail.content.method.value}".encode() in raw


def test_the_file_is_the_calendar_part_byte_by_byte() -> None:
    raw = written(invitation())

    assert body(raw, "text/calendar") == body(raw, "application/ics")


@pytest.mark.parametrize("mail", [invitation(), cancellation()])
def test_the_message_and_its_calendar_are_fit_for_smtp(mail: InviteMail) -> None:
    raw = written(mail)

    assert_fit_for_smtp(raw)
    folded = body(raw, "text/calendar")
    assert b"\n" not in folded.replace(b"\r\n", b"")
    assert b"\r" not in folded.replace(b"\r\n", b"")
    assert max(map(len, folded.split(b"\r\n"))) <= 75


def test_the_headers_say_from_whom_to_whom_and_when() -> None:
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


@pytest.mark.parametrize(
    ("mail", "expected"),
    [
        (invitation(), "Invitation: Coaching"),
        (invitation(is_update=True), "Updated invitation: Coaching"),
        (cancellation(), "Cancelled: Coaching"),
        (invitation(meeting(title="Träume 🗓")), "Invitation: Träume 🗓"),
    ],
)
def test_the_subject_is_what_happened_and_the_title(mail: InviteMail, expected: str) -> None:
    assert expected == parsed(written(mail))["Subject"]


def test_equal_mails_are_equal_bytes_and_others_are_other_messages() -> None:
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


def test_a_recipient_without_a_name_is_an_address() -> None:
    raw = written(invitation(name=None))

    assert parsed(raw)["To"] == ADDRESS
    assert "CN" not in vevent(raw)["ATTENDEE"].params


def test_a_recipients_domain_goes_out_in_ascii() -> None:
    raw = written(invitation(address="kay@bücher.de"))

    assert "Kay <kay@xn--bcher-kva.de>" == str(parsed(raw)["To"])
    assert "mailto:kay@xn--bcher-kva.de" == str(vevent(raw)["ATTENDEE"])


def test_nobody_learns_who_else_is_invited() -> None:
    raw = written(invitation())

    assert "ada@example.org" not in "".join(
        text(raw, each) for each in ("text/plain", "text/html", "text/calendar")
    )
    assert not isinstance(vevent(raw)["ATTENDEE"], list)


def shown(value: str) -> str:
    """Return what a reader sees of a text: nothing of a blank one, no marks that reorder."""
    left = REORDERING.sub("", value)
    return left if left.strip() else ""


def with_text(field: str, value: str) -> InviteMail:
    """Return a mail that says `value` there."""
    if field in {"uid", "name", "address"}:
        changes: Any = {field: value}
        return invitation(**changes)
    if field == "contact":
        return invitation(meeting(contacts=(Contact("coach-1", ADDRESS, value),)))
    return invitation(meeting(**{field: value}))


@pytest.mark.parametrize("value", BREAKS, ids=ascii)
@pytest.mark.parametrize(
    "field", ["title", "location", "session_link", "contact", "name", "uid", "address"]
)
def test_no_text_can_break_out_of_its_line(field: str, value: str) -> None:
    value = f"https://{value}" if field == "session_link" else value

    with pytest.raises(ValueError, match=r"invitation|must|has"):
        written(with_text(field, value))


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://a b", "data:text/html,x", "x"])
def test_a_link_leads_to_a_web_page_or_there_is_no_mail(link: str) -> None:
    with pytest.raises(ValueError, match="no http or https address"):
        written(invitation(meeting(session_link=link)))


@pytest.mark.parametrize(
    "address", ["", "kay", "Kay <kay@example.org>", "kay@example.org, e@x.org"]
)
def test_an_address_that_is_none_gets_no_mail(address: str) -> None:
    with pytest.raises(ValueError, match=r"must|has"):
        written(invitation(address=address))


@given(title=ONE_LINE, place=ONE_LINE, name=ONE_LINE, method=st.sampled_from(InviteMethod))
@example(title="a", place="b", name="c\u202ed", method=InviteMethod.REQUEST)
@example(title="\\", place="\\;", name="\\", method=InviteMethod.CANCEL)
@example(title=" ", place=" ", name="\u202e\u3000", method=InviteMethod.REQUEST)
@example(title='"', place=",", name='Dr. "Q"; O^Neil, Esq.', method=InviteMethod.REQUEST)
@settings(deadline=None, max_examples=40)
def test_whatever_the_texts_readers_find_them_whole(
    title: str, place: str, name: str, method: InviteMethod
) -> None:
    event = meeting(title=title, location=place, contacts=(Contact("coach-1", ADDRESS, name),))

    raw = written(invitation(event, method=method, name=name))

    assert_fit_for_smtp(raw)
    assert "" == complaints(body(raw, "text/calendar"))
    title, place, name = (shown(each) for each in (title, place, name))
    title = title or "Session"
    found = vevent(raw)
    assert (title, place) == (str(found["SUMMARY"]), str(found.get("LOCATION", "")))
    assert name.replace("\\", "/") == found["ATTENDEE"].params.get("CN", "")
    assert UID == str(found["UID"])
    plain = text(raw, "text/plain").split("\n")
    assert title in plain
    assert not place or f"Where: {place}" in plain


@pytest.mark.parametrize("title", ODD_TITLES, ids=range(len(ODD_TITLES)))
def test_odd_titles_come_through_as_they_are(title: str) -> None:
    raw = written(invitation(meeting(title=title)))

    assert_fit_for_smtp(raw)
    assert f"Invitation: {title}" == parsed(raw)["Subject"]
    assert title == str(vevent(raw)["SUMMARY"])
    assert ["Subject"] == [each for each in parsed(raw) if each in {"Subject", "Bcc"}]


@given(title=ONE_LINE)
@settings(deadline=None, max_examples=40)
def test_whatever_the_title_the_subject_says_it(title: str) -> None:
    message = parsed(written(invitation(meeting(title=title))))

    assert f"Invitation: {shown(title) or 'Session'}" == message["Subject"]


@given(name=ONE_LINE.filter(str.strip))
@settings(deadline=None, max_examples=40)
def test_whatever_the_name_the_mail_goes_to_one_address(name: str) -> None:
    message = parsed(written(invitation(name=name)))

    (recipient,) = message["To"].addresses
    assert ADDRESS == recipient.addr_spec

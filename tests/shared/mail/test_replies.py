import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.invite import Answer
from shared.domain.replies import Reply
from shared.mail.mime_parts import LARGEST_MAIL, LONGEST_HEAD, MOST_PARTS
from shared.mail.replies import LONGEST_COMMENT, read_reply
from shared.mail.reply_calendar import LONGEST_CALENDAR, LONGEST_LINE, MOST_LINES
from shared.ports import ReplyUnreadable
from tests.support.replied import FOLDER, RECEIVED, REPLY_ADDRESS, SMALL, UID, reply_mail

SECONDS = 5
"""Far more than any mail takes, and far less than a quadratic algorithm would need."""


def read(raw: bytes | str) -> Reply:
    """Parse a mail."""
    mail = raw if isinstance(raw, bytes) else raw.encode()
    return read_reply(mail, sent_to=[REPLY_ADDRESS], received_at=RECEIVED)


def small(old: str = "", new: str = "", *, attendee: str = "") -> Reply:
    """Parse the smallest reply with one text replaced."""
    if attendee:
        old, new = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@example.org", attendee
    assert old in SMALL
    return read(SMALL.replace(old, new))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("google", (Answer.ACCEPTED, "I may be late, sorry", "kay@example.org")),
        ("outlook", (Answer.DECLINED, "Not this week, sorry.\nKay", "Kay@example.org")),
        ("apple", (Answer.TENTATIVE, "Perhaps \u2013 I will ask", "kay@example.org")),
    ],
)
@pytest.mark.parametrize("line_end", [b"\r\n", b"\n"])
def test_the_replies_of_google_outlook_and_apple_are_read(
    name: str, expected: tuple[Answer, str, str], line_end: bytes
) -> None:
    answer, comment, address = expected

    parsed = read(reply_mail(name).replace(b"\r\n", line_end))

    assert parsed == Reply(
        uid=UID,
        address=address,
        sent_to=(REPLY_ADDRESS,),
        answer=answer,
        sequence=2,
        stamp=datetime(2027, 1, 5, 10, 0, 1, tzinfo=UTC),
        received_at=RECEIVED,
        comment=comment,
    )


def test_every_reply_in_the_folder_is_tested_above() -> None:
    assert {"google", "outlook", "apple"} == {each.stem for each in FOLDER.glob("*.eml")}


@pytest.mark.parametrize(
    ("partstat", "expected"),
    [
        ("ACCEPTED", Answer.ACCEPTED),
        ("declined", Answer.DECLINED),
        ('"TENTATIVE"', Answer.TENTATIVE),
        ("NEEDS-ACTION", Answer.NEEDS_ACTION),
    ],
)
def test_each_answer_is_read(partstat: str, expected: Answer) -> None:
    assert small("PARTSTAT=ACCEPTED", f"PARTSTAT={partstat}").answer is expected


@pytest.mark.parametrize(
    ("attendee", "address"),
    [
        ("ATTENDEE;PARTSTAT=ACCEPTED:MAILTO:Ada@Example.ORG", "Ada@example.org"),
        ('ATTENDEE;CN="a:b;c";PARTSTAT=ACCEPTED:mailto:ada%2Bx@example.org', "ada+x@example.org"),
        ("ATTENDEE;EMAIL=ada@example.org;PARTSTAT=ACCEPTED:urn:uuid:1", "ada@example.org"),
        ("attendee;partstat=accepted:mailto:ada@bücher.example", "ada@xn--bcher-kva.example"),
        (
            'ATTENDEE;MEMBER="mailto:a@b.example","c:d";PARTSTAT=ACCEPTED:mailto:ada@example.org',
            "ada@example.org",
        ),
    ],
)
def test_an_attendee_may_be_written_in_several_ways(attendee: str, address: str) -> None:
    parsed = small(attendee=attendee)

    assert (address, Answer.ACCEPTED) == (parsed.address, parsed.answer)


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        (r"COMMENT:a\, b\; c\\d\nE", "a, b; c\\d\nE"),
        ("COMMENT;LANGUAGE=de:  x \u202e y\x07 ", "x  y"),
        ("COMMENT:\u200b", None),
        ("COMMENT:", None),
        ("COMMENT:" + "x" * 3000, "x" * LONGEST_COMMENT),
        ("X-COMMENT:none", None),
    ],
)
def test_a_comment_is_plain_text_of_limited_length(comment: str, expected: str | None) -> None:
    assert small("SEQUENCE:0", f"SEQUENCE:0\n{comment}").comment == expected


def test_a_comment_of_google_may_have_lines_and_quotes() -> None:
    parsed = small("PARTSTAT", "X-RESPONSE-COMMENT=\"I^nsay ^'no^' ^^\";PARTSTAT")

    assert parsed.comment == 'I\nsay "no" ^'


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("SEQUENCE:0\n", "", (0, True)),
        ("SEQUENCE:0", "SEQUENCE:17", (17, True)),
        ("DTSTAMP:20270105T100001Z\n", "", (0, False)),
        ("20270105T100001Z", "yesterday", (0, False)),
        ("20270105T100001Z", "20279999T100001Z", (0, False)),
    ],
)
def test_sequence_and_time_stamp_may_be_missing(
    old: str, new: str, expected: tuple[int, bool]
) -> None:
    parsed = small(old, new)

    assert expected == (parsed.sequence, parsed.stamp is not None)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("text/calendar", "text/plain"),
        ("METHOD:REPLY", "METHOD:REQUEST"),
        ("METHOD:REPLY", "METHOD:COUNTER"),
        ("METHOD:REPLY\n", ""),
        ("UID:session-1@mail.example\n", ""),
        ("UID:session-1@mail.example", "UID:a\nUID:b"),
        ("UID:session-1@mail.example", "UID:" + "x" * 301),
        ("UID:session-1@mail.example", r"UID:a\nb"),
        ("UID:session-1@mail.example", "UID;X"),
        ("SEQUENCE:0", "SEQUENCE:-1"),
        ("SEQUENCE:0", "SEQUENCE:１"),  # noqa: RUF001 - a digit that is not ASCII
        ("SEQUENCE:0", "SEQUENCE:" + "9" * 5000),
        ("PARTSTAT=ACCEPTED", "PARTSTAT=DELEGATED"),
        ("mailto:ada@example.org", "mailto:"),
        ("mailto:ada@example.org", "mailto:ada@example.org,eve@example.org"),
        ("mailto:ada@example.org", "urn:uuid:1"),
        ("mailto:ada@example.org", "mailto:ada@example.org\nATTENDEE:mailto:eve@example.org"),
        ("SEQUENCE:0", "RECURRENCE-ID:20270105T100001Z"),
        ("END:VEVENT", "END:VEVENT\nBEGIN:VEVENT\nEND:VEVENT"),
        ("END:VCALENDAR", "END:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\nEND:X"),
        ("END:VEVENT\n", ""),
        ("END:VCALENDAR\n", ""),
        ("BEGIN:VCALENDAR\n", ""),
        ("BEGIN:VEVENT", "BEGIN:VTODO"),
        ("SEQUENCE:0", "COMMENT:" + "x" * (LONGEST_LINE + 1)),
        ("SEQUENCE:0", "X:1\n" * (MOST_LINES + 1)),
        ("SEQUENCE:0", "X:" + "1" * LONGEST_CALENDAR),
        ("From: ada@example.org", "From: " + "x" * LONGEST_HEAD),
        ("charset=utf-8;", "charset=" + "x" * 2000),
        ("text/calendar;", "multipart/mixed; boundary=x;"),
    ],
)
def test_a_mail_that_is_not_one_complete_reply_is_rejected(old: str, new: str) -> None:
    with pytest.raises(ReplyUnreadable):
        small(old, new)


@pytest.mark.parametrize("raw", [b"", b"\n", b"\r\n\r\n", b"\0" * 9, b"x" * (LARGEST_MAIL + 1)])
def test_a_mail_without_content_is_rejected(raw: bytes) -> None:
    with pytest.raises(ReplyUnreadable):
        read(raw)


def test_a_name_or_comment_with_other_separators_adds_no_property() -> None:
    for separator in ("\x0b", "\x0c", "\x1c", "\x85", "\u2028"):
        parsed = small("SEQUENCE:0", f"COMMENT:a{separator}UID:other@mail.example")

        assert parsed.uid == UID


def test_an_unknown_charset_is_read_as_utf_8() -> None:
    assert small("charset=utf-8", "charset=klingon").uid == UID


def nested(depth: int, content: str) -> str:
    """Return a mail with a part inside parts."""
    mail = content
    for number in range(depth):
        mark = f"b{number}"
        head = f"Content-Type: multipart/mixed; boundary={mark}"
        mail = f"{head}\n\n--{mark}\n{mail}\n--{mark}--"
    return mail


def test_a_part_may_be_inside_other_parts_but_not_too_deep() -> None:
    assert read(nested(8, SMALL)).uid == UID
    with pytest.raises(ReplyUnreadable):
        read(nested(9, SMALL))


def test_a_mail_with_too_many_parts_is_rejected() -> None:
    parts = "\n--b\n\nx" * MOST_PARTS
    with pytest.raises(ReplyUnreadable):
        read(f"Content-Type: multipart/mixed; boundary=b\n{parts}\n--b\n{SMALL}\n--b--")


@pytest.mark.parametrize(
    "raw",
    [
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n" * 400_000,
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b" + b" " * 1_900_000,
        b"A:" + b"\n b" * 900_000,
        b"\n" * 2_000_000,
        b"Content-Type: text/calendar\n\n" + b"BEGIN:VCALENDAR\n" * 12_000,
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID" + b";a=b" * 2_400,
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nUID;a=" + b'","' * 3_000,
        b"Content-Type: text/calendar\n\nBEGIN:VCALENDAR\n" + b"\n " * 60_000,
        b'Content-Type: text/calendar; x="' + b";" * 1_800 + b"\n\n",
        b'Content-Type: multipart/mixed; boundary="' + b";" * 1_800 + b"\n\n",
        b"Content-Type: multipart/mixed" + b";b*0*=x" * 250 + b"\n\n",
        b"Content-Type: text/calendar\nContent-Transfer-Encoding: base64\n\n" + b"=" * 1_900_000,
        b"Content-Type: message/rfc822\n\n" * 60_000,
    ],
    ids=range(13),
)
def test_a_mail_made_to_take_long_does_not(raw: bytes) -> None:
    began = time.perf_counter()

    with pytest.raises(ReplyUnreadable):
        read(raw)

    assert time.perf_counter() - began < SECONDS


pieces = st.sampled_from(
    [*SMALL.splitlines(keepends=True), *reply_mail("google").decode().splitlines(keepends=True)]
)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.lists(pieces, max_size=40).map("".join), st.text(max_size=300)))
def test_any_text_is_read_or_rejected(raw: str) -> None:
    _read_or_reject(raw.encode(errors="replace"))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["google", "outlook", "apple"]), st.data())
def test_a_damaged_reply_is_read_or_rejected(name: str, data: st.DataObject) -> None:
    raw = bytearray(reply_mail(name))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw) - 1))
        raw[at : at + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=20))
    _read_or_reject(bytes(raw))


def _read_or_reject(raw: bytes) -> None:
    try:
        parsed = read(raw)
    except ReplyUnreadable:
        return
    assert parsed.received_at == RECEIVED
    assert 0 <= parsed.sequence < 2**31
    assert "@" in parsed.address

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from shared.domain.event import Contact
from shared.domain.interval import Interval
from shared.domain.invite import InviteMethod
from shared.mail.text import details, html, plain, when
from shared.ports import InviteMail
from tests.support.invitation_samples import HOUR, cancellation, invitation, meeting

EVIL = "<script src=https://evil.example/x.js></script>\"'&amp;<img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_plain_text_has_all_details_and_how_to_reach_a_person() -> None:
    expected = """\
Hello Kay, you are invited to this session.

Coaching
When: Friday, 27 March 2026, 10:00 to 11:00 (Europe/Berlin, UTC+01:00)
Where: Room 2; first floor, left
Link: https://meet.example/1?a=b&c=d,e;f
Coach: Ada Lovelace
Learner: Kay

Questions, or you cannot come? Reply to this mail to reach a person.
"""

    assert expected == plain(invitation())


def test_an_update_says_that_something_changed() -> None:
    assert plain(invitation(is_update=True)).startswith(
        "Hello Kay, this session you are invited to has changed.\n"
    )


def test_a_mail_to_a_guest_says_who_invites() -> None:
    first = plain(invitation(name="Gus", inviter="Ada Lovelace"))
    update = plain(invitation(name=None, inviter="Ada Lovelace", is_update=True))

    assert first.startswith("Hello Gus, Ada Lovelace invites you to this session.\n")
    assert update.startswith("Hello, this session that Ada Lovelace invited you to has changed.\n")
    assert "Ada Lovelace invites you" in html(invitation(inviter="Ada Lovelace"))


def test_the_name_of_who_invites_is_escaped_and_checked() -> None:
    assert EVIL not in html(invitation(inviter=EVIL))
    with pytest.raises(ValueError, match="line break"):
        plain(invitation(inviter="Ada\nBcc: eve"))


def test_a_cancellation_says_so_and_does_not_ask_for_attendance() -> None:
    message = plain(cancellation())

    assert message.startswith("Hello Kay, your invitation to this session has been cancelled.\n")
    assert "cannot come" not in message
    assert message.endswith("Reply to this mail to reach a person.\n")


@pytest.mark.parametrize("name", [None, "", " ", "\u202e"])
def test_a_recipient_without_a_name_is_greeted_without_it(name: str | None) -> None:
    assert plain(invitation(name=name)).startswith("Hello, you are invited")


def test_missing_details_are_left_out() -> None:
    rows = details(meeting(location=None, session_link=None))

    assert ["When", "Coach", "Learner"] == [name for name, _ in rows]


def test_participants_are_named_or_counted_without_addresses() -> None:
    event = meeting(
        coach_ids=("a", "b"),
        learner_ids=("c", "d", "e"),
        admin_id="f",
        contacts=(Contact("c", "c@example.org", "Kay"), Contact("a", "a@example.org")),
    )

    assert [("Coaches", "2 people"), ("Learners", "Kay, 2 more"), ("Admin", "1 person")] == (
        details(event)[-3:]
    )


def test_an_address_given_as_a_name_is_not_shown_to_others() -> None:
    event = meeting(
        learner_ids=("c", "d"),
        contacts=(Contact("c", "c@example.org", "c@example.org"), Contact("d", "d@x.org", "Dee")),
    )

    assert details(event)[-1] == ("Learners", "Dee, 1 more")


@pytest.mark.parametrize(
    ("start", "length", "zone", "expected"),
    [
        (
            datetime(2026, 7, 1, 9, tzinfo=UTC),
            HOUR,
            "Europe/Berlin",
            "Wednesday, 1 July 2026, 11:00 to 12:00 (Europe/Berlin, UTC+02:00)",
        ),
        (
            datetime(2026, 7, 1, 9, tzinfo=UTC),
            HOUR,
            "Asia/Kathmandu",
            "Wednesday, 1 July 2026, 14:45 to 15:45 (Asia/Kathmandu, UTC+05:45)",
        ),
        (
            datetime(2026, 7, 1, 2, tzinfo=UTC),
            HOUR,
            "America/St_Johns",
            (
                "Tuesday, 30 June 2026, 23:30 (America/St_Johns, UTC-02:30) to "
                "Wednesday, 1 July 2026, 00:30 (America/St_Johns, UTC-02:30)"
            ),
        ),
        (
            datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
            HOUR,
            "Europe/Berlin",
            (
                "Sunday, 25 October 2026, 02:30 (Europe/Berlin, UTC+02:00) to "
                "Sunday, 25 October 2026, 02:30 (Europe/Berlin, UTC+01:00)"
            ),
        ),
        (
            datetime(2026, 7, 1, 9, tzinfo=UTC),
            HOUR,
            "UTC",
            "Wednesday, 1 July 2026, 09:00 to 10:00 (UTC, UTC+00:00)",
        ),
    ],
)
def test_times_are_in_the_zone_of_the_session(
    start: datetime, length: timedelta, zone: str, expected: str
) -> None:
    assert expected == when(meeting(interval=Interval(start, start + length), zone=zone))


@pytest.mark.parametrize("mail", [invitation(), invitation(is_update=True), cancellation()])
def test_the_html_has_the_same_content_as_the_plain_text(mail: InviteMail) -> None:
    page = Page(html(mail)).text

    lines = [line.replace(": ", "", 1) for line in plain(mail).splitlines() if line]
    assert [] == [line for line in lines if line not in page]


def test_the_html_loads_nothing_and_supports_dark_mode() -> None:
    tags = Page(html(invitation())).tags

    assert {"content": "light dark", "name": "color-scheme"} in [
        attributes for _, attributes in tags
    ]
    assert not {"script", "img", "link", "style", "iframe"} & {tag for tag, _ in tags}
    assert not [
        attributes for _, attributes in tags if {"src", "background", "bgcolor"} & set(attributes)
    ]
    styles = "".join(str(attributes.get("style", "")) for _, attributes in tags)
    assert "color" not in styles
    assert "url(" not in styles


@pytest.mark.parametrize("method", InviteMethod)
def test_texts_are_escaped_in_html(method: InviteMethod) -> None:
    plain_tags = Page(html(invitation(method=method))).tags
    link = "https://meet.example/\"onmouseover='alert(1)'><b>"
    event = meeting(
        title=EVIL,
        location=EVIL,
        session_link=link,
        contacts=(Contact("coach-1", "a@example.org", EVIL),),
    )

    page = Page(html(invitation(event, method=method, name=EVIL)))

    assert [tag for tag, _ in plain_tags] == [tag for tag, _ in page.tags]
    assert [link] == [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert 5 == page.text.count(EVIL)


def test_marks_that_reorder_text_are_removed() -> None:
    message = plain(invitation(meeting(title="a\u202egnp.exe\u2066b")))

    assert "agnp.exeb" in message.splitlines()

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest

from shared.domain.audit import AuditAction
from shared.domain.event import Contact
from shared.domain.interval import Interval
from shared.domain.invite import InviteMethod, shown
from shared.mail.details import changes, rows, web_address
from shared.mail.text import html, plain
from shared.mail.times import period
from shared.ports import CancelCause, InviteMail
from tests.support.invitation_samples import HOUR, START, cancellation, invitation, meeting
from tests.support.store_samples import audit_entry

EVIL = "<script src=https://evil.example/x.js></script>\"'&amp;<img src=x onerror=alert(1)>"


MARKUP = "<b onclick=alert(1)>\"'&amp;"


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

To accept or decline, use the buttons that your mail program shows, or open the attached \
invite.ics in your calendar.
Questions? Reply to this mail to reach a person.
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


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (CancelCause.SESSION_CANCELLED, "this session has been cancelled."),
        (CancelCause.REMOVED, "you were removed from this session. It may take place without you."),
        (CancelCause.REPLACED, "this invitation is replaced: you find the session in your"),
    ],
)
def test_a_cancellation_says_why_and_has_no_link_to_join(cause: CancelCause, sentence: str) -> None:
    message = plain(cancellation(location="https://meet.example/room", cause=cause))

    assert message.startswith(f"Hello Kay, {sentence}")
    assert "accept" not in message
    assert "https://" not in message
    assert message.endswith("Reply to this mail to reach a person.\n")


def test_a_cancellation_has_the_reason_on_one_line() -> None:
    message = plain(cancellation(reason="Ada is ill.\nSorry!"))

    assert "\nReason: Ada is ill. Sorry!\n" in message


def test_an_update_has_the_old_values_of_what_changed() -> None:
    before = meeting(title="First talk", interval=Interval(START - HOUR, START), location="Room\n1")

    mail = invitation(is_update=True, before=shown(before))

    assert changes(mail) == [
        ("Old title", "First talk"),
        ("Old time", "Friday, 27 March 2026, 09:00 to 10:00 (Europe/Berlin, UTC+01:00)"),
        ("Old place", "Room, 1"),
    ]
    assert "Old time: Friday, 27 March 2026, 09:00" in plain(mail)


def test_a_link_that_was_added_or_removed_is_a_change() -> None:
    without = meeting(session_link=None)

    assert changes(invitation(is_update=True, before=shown(without))) == [("Old link", "none")]
    assert changes(invitation(without, is_update=True, before=shown(meeting()))) == [
        ("Old link", "https://meet.example/1?a=b&c=d,e;f")
    ]


def test_an_update_of_an_invitation_stored_by_an_older_version_names_no_old_values() -> None:
    assert changes(invitation(is_update=True, before=None)) == []


def test_times_are_in_the_zone_of_the_recipient_and_of_the_session() -> None:
    assert rows(invitation(zone="Asia/Kolkata"))[0] == (
        "When",
        (
            "Friday, 27 March 2026, 14:30 to 15:30 (Asia/Kolkata, UTC+05:30); in the time zone of "
            "the session: Friday, 27 March 2026, 10:00 to 11:00 (Europe/Berlin, UTC+01:00)"
        ),
    )


def test_the_time_is_shown_once_if_clocks_agree() -> None:
    expected = "Friday, 27 March 2026, 10:00 to 11:00 (Europe/Madrid, UTC+01:00)"

    assert ("When", expected) == rows(invitation(zone="Europe/Madrid"))[0]


@pytest.mark.parametrize("name", ["Win http://evil.example", "www.evil.example", "a@evil.example"])
def test_a_name_with_a_link_is_not_in_the_greeting(name: str) -> None:
    message = plain(invitation(name=name, inviter=name))

    assert message.startswith("Hello, you are invited to this session.\n")


def test_a_guest_does_not_see_a_title_with_a_link_that_a_learner_wrote() -> None:
    event = meeting(
        title="Free money at evil.example",
        audit=(audit_entry(AuditAction.CREATED, "learner-1", "Learner"),),
    )

    assert "evil.example" not in plain(invitation(event, is_guest=True))
    assert "evil.example" in plain(invitation(event))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://meet.example/ü?q=ß", "https://meet.example/%C3%BC?q=%C3%9F"),
        ('https://meet.example/"x"', "https://meet.example/%22x%22"),
        ("https://meet.example/a|b^c{d}", "https://meet.example/a%7Cb%5Ec%7Bd%7D"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ("https://meet.example/%E2%80%AE", "https://meet.example/%E2%80%AE"),
    ],
)
def test_a_link_is_written_as_a_uri(link: str, expected: str) -> None:
    assert expected == web_address(link)


@pytest.mark.parametrize("name", [None, "", " ", "\u202e"])
def test_a_recipient_without_a_name_is_greeted_without_it(name: str | None) -> None:
    assert plain(invitation(name=name)).startswith("Hello, you are invited")


def test_missing_details_are_left_out() -> None:
    found = rows(invitation(meeting(location=None, session_link=None)))

    assert ["When", "Coach", "Learner"] == [name for name, _ in found]


def test_participants_are_named_without_addresses() -> None:
    event = meeting(
        coach_ids=("a", "b"),
        learner_ids=("c", "d", "e"),
        admin_id="f",
        contacts=(Contact("c", "c@example.org", "Kay"), Contact("a", "a@example.org")),
    )

    found = dict(rows(invitation(event)))
    assert found["Learners"] == "Kay, 2 more"
    assert not {"Coaches", "Admin"} & found.keys()


def test_an_address_given_as_a_name_is_not_shown_to_others() -> None:
    event = meeting(
        learner_ids=("c", "d"),
        contacts=(Contact("c", "c@example.org", "c@example.org"), Contact("d", "d@x.org", "Dee")),
    )

    assert rows(invitation(event))[-1] == ("Learners", "Dee, 1 more")


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
def test_times_have_the_zone_and_its_offset(
    start: datetime, length: timedelta, zone: str, expected: str
) -> None:
    assert expected == period(Interval(start, start + length), zone)


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
    link = "https://meet.example/\"onmouseover='alert(1)'><b>"
    harmless = meeting(contacts=(Contact("coach-1", "a@example.org", "Ada"),))
    event = replace(
        harmless,
        title=EVIL,
        location=MARKUP,
        session_link=link,
        contacts=(Contact("coach-1", "a@example.org", EVIL),),
    )
    expected = Page(html(invitation(harmless, method=method)))

    page = Page(html(invitation(event, method=method, name=EVIL)))

    assert [tag for tag, _ in expected.tags] == [tag for tag, _ in page.tags]
    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == ([web_address(link)] if method is InviteMethod.REQUEST else [])
    assert MARKUP in page.text
    assert page.text.count(EVIL) == 2 + len(links)


def test_marks_that_reorder_text_are_removed() -> None:
    message = plain(invitation(meeting(title="a\u202egnp.exe\u2066b")))

    assert "agnp.exeb" in message.splitlines()


def test_a_cancellation_shows_the_reason() -> None:
    mail = replace(cancellation(), reason="I am ill & sorry.")

    assert "\nReason: I am ill & sorry.\nWhen: " in plain(mail)
    assert "I am ill &amp; sorry." in html(mail)


def test_a_reason_of_several_lines_is_shown_on_one() -> None:
    mail = replace(cancellation(), reason="I am ill.\nSorry!")

    assert "\nReason: I am ill. Sorry!\nWhen: " in plain(mail)


def test_only_a_cancellation_with_a_reason_shows_one() -> None:
    assert "Reason" not in plain(invitation(reason="I am ill."))
    assert "Reason" not in plain(replace(cancellation(), reason=" "))

from datetime import timedelta
from typing import Any

import pytest

from shared.domain.event import Contact, EventStatus
from shared.domain.invite import InviteMethod, mail_content
from tests.support.store_samples import NOON, full_session, hours, session


@pytest.mark.parametrize("method", InviteMethod)
def test_a_mail_has_its_method_and_the_sequence_of_the_event(method: InviteMethod) -> None:
    content = mail_content(session(sequence=3), method)

    assert (method, 3) == (content.method, content.sequence)


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Another"},
        {"interval": hours(10)},
        {"interval": hours(9, 2)},
        {"zone": "Europe/Berlin"},
        {"location": "Room 3"},
        {"location": None},
        {"session_link": None},
        {"location": None, "session_link": "Room 2"},
        {"location": "https://meet.example/1", "session_link": "Room 2"},
    ],
)
def test_a_change_of_what_a_request_shows_changes_the_digest(changes: dict[str, Any]) -> None:
    fields = {"location": "Room 2", "session_link": "https://meet.example/1", **changes}

    before = mail_content(full_session(), InviteMethod.REQUEST)

    assert before.digest != mail_content(session(**fields), InviteMethod.REQUEST).digest


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 9},
        {"updated_at": NOON + timedelta(days=1)},
        {"contacts": (Contact("learner-1", "other@example.com", "Other"),)},
        {"status": EventStatus.CANCELLED},
        {"request_digest": "other"},
    ],
)
def test_a_change_that_mail_does_not_show_keeps_the_digest(changes: dict[str, Any]) -> None:
    before = mail_content(session(), InviteMethod.REQUEST)

    assert before == mail_content(session(**changes), InviteMethod.REQUEST)

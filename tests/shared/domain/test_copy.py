import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.domain.copy import CopyContent, copy_key
from shared.domain.interval import Interval

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
CONTENT = CopyContent(
    session_id="s",
    key="k",
    title="Coaching",
    interval=Interval(NOON, NOON + timedelta(hours=1)),
    description="With Ann",
    location="Room 1",
    url="https://example.org",
    sequence=0,
    updated_at=NOON,
)


def test_a_key_is_a_valid_id_for_every_provider() -> None:
    assert re.fullmatch("[0-9a-v]{52}", copy_key("session", "connection"))


def test_a_key_is_the_same_for_every_attempt() -> None:
    assert copy_key("session", "connection") == copy_key("session", "connection")


def test_keys_differ_by_event_and_connection() -> None:
    keys = {copy_key(event, connection) for event in "ab" for connection in "ab"}

    assert len(keys) == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "Other"},
        {"interval": Interval(NOON, NOON + timedelta(hours=2))},
        {"description": "With Bob"},
        {"location": None},
        {"url": None},
    ],
)
def test_the_digest_changes_with_what_a_calendar_shows(changes: dict[str, object]) -> None:
    changed = replace(CONTENT, **changes)  # type: ignore[arg-type]  # one field each

    assert CONTENT.digest != changed.digest


def test_the_digest_ignores_what_a_calendar_does_not_show() -> None:
    changed = replace(CONTENT, sequence=3, updated_at=NOON + timedelta(days=1), key="other")

    assert CONTENT.digest == changed.digest

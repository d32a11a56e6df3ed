"""Reconciling with a real CalDAV server: the normal steps, repeated and interrupted."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from infra.local.processes import radicale
from shared.domain.connection import Provider
from shared.domain.copy import CopyState
from shared.domain.event import EventStatus
from shared.domain.interval import Interval
from shared.providers.apple.client import CaldavProvider
from tests.support.call_hooks import CallHook, worker_with_hook
from tests.support.faulty_calendar import MemoryProviders
from tests.support.request_faults import ProcessKilled
from tests.support.sync_harness import START, SyncHarness

pytestmark = pytest.mark.long

AUTH = ("ann", "pass")
MAKE_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<c:mkcalendar xmlns="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>Sessions</displayname>
</prop></set></c:mkcalendar>"""
NUMBERS = count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("radicale")
    with radicale(folder, dict([AUTH])) as url:
        yield url


class RadicaleHarness(SyncHarness):
    """Ann has one calendar on a real server."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self.url = f"{server}/ann/calendar-{next(NUMBERS)}/"
        httpx.request("MKCALENDAR", self.url, auth=AUTH, content=MAKE_CALENDAR).raise_for_status()
        provider = CaldavProvider([urlsplit(server).netloc])
        self.calendar: Any = provider
        self.providers = MemoryProviders({Provider.APPLE: provider})
        self.sync = self.worker()
        credential = json.dumps({"username": AUTH[0], "password": AUTH[1]})
        sealed = self.vault.seal(credential, user_id="ann", connection_id="a1")
        made = self.connect("ann", "a1")
        self.people.save_connection(replace(made, calendar_id=self.url, credential=sealed))

    def advance(self, wait: timedelta) -> None:
        """Advance the clock; a real server has no late requests."""
        self.at += wait

    @property
    def entries(self) -> list[str]:
        """The iCalendar text of each object in the calendar, read without our client."""
        response = httpx.request("PROPFIND", self.url, auth=AUTH, headers={"Depth": "1"})
        hrefs = [part.split("</", 1)[0] for part in response.text.split("<href>")[1:]]
        paths = {each for each in hrefs if each.endswith(".ics")}
        return [httpx.get(f"{self.url}{each.rsplit('/')[-1]}", auth=AUTH).text for each in paths]


@pytest.fixture
def harness(server: str) -> Iterator[RadicaleHarness]:
    harness = RadicaleHarness(server)
    yield harness
    # Copies with the same key are found in every calendar of the account.
    httpx.delete(harness.url, auth=AUTH).raise_for_status()


def test_repeated_messages_write_move_and_remove_a_session_once(
    harness: RadicaleHarness,
) -> None:
    harness.book()
    assert [[], []] == [harness.drain(), harness.drain()]
    (written,) = harness.entries
    assert "DTSTART:20261203T090000Z" in written

    later = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=1))
    harness.change(interval=later, title="Review")
    assert [[], []] == [harness.drain(), harness.drain()]
    (moved,) = harness.entries
    assert {"DTSTART:20261125T090000Z", "SUMMARY:Review"} <= set(moved.split("\r\n"))

    harness.cancel()
    assert [[], []] == [harness.drain(), harness.drain()]
    assert [] == harness.entries
    assert CopyState.REMOVED is harness.state()


def test_several_changes_before_the_first_delivery_write_one_entry(
    harness: RadicaleHarness,
) -> None:
    harness.book()
    harness.change(title="Second")
    harness.change(title="Third")

    harness.drain()

    (entry,) = harness.entries
    assert "SUMMARY:Third" in entry


def test_a_session_cancelled_before_its_first_delivery_is_never_written(
    harness: RadicaleHarness,
) -> None:
    harness.book()
    harness.cancel()

    harness.drain()

    assert [] == harness.entries


def test_an_entry_deleted_by_the_user_returns_only_with_the_next_change(
    harness: RadicaleHarness,
) -> None:
    harness.book()
    harness.drain()
    ref = harness.copy().ref
    assert ref
    httpx.delete(ref.external_id, auth=AUTH).raise_for_status()

    harness.drain()
    assert [] == harness.entries

    harness.change(title="Moved")
    harness.drain()
    assert 1 == len(harness.entries)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 9))
def test_a_worker_killed_at_any_step_leaves_the_correct_entry(
    harness: RadicaleHarness, step: int, *, after: bool
) -> None:
    def kill() -> None:
        raise ProcessKilled

    harness.book()
    harness.sync = worker_with_hook(harness, CallHook(step, kill, after=after))

    harness.drain()

    (entry,) = harness.entries
    assert "SUMMARY:Coaching" in entry
    harness.sync = worker_with_hook(harness, CallHook(step, kill, after=after))
    harness.change(status=EventStatus.CANCELLED)
    harness.drain()
    assert [] == harness.entries

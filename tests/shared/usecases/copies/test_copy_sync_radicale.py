"""Calendar sync against a real CalDAV server: the plain paths, repeated and interrupted."""

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
from tests.support.calendars import MemoryProviders
from tests.support.faults import Killed
from tests.support.sync_world import START, SyncWorld
from tests.support.traps import Trap, trapped

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


class RealWorld(SyncWorld):
    """Ann's one calendar stands on a real server."""

    def __init__(self, server: str) -> None:
        super().__init__()
        self.url = f"{server}/ann/calendar-{next(NUMBERS)}/"
        httpx.request("MKCALENDAR", self.url, auth=AUTH, content=MAKE_CALENDAR).raise_for_status()
        provider = CaldavProvider([urlsplit(server).netloc])
        self.calendar: Any = provider
        self.providers = MemoryProviders({Provider.APPLE: provider})
        self.sync = self.syncing()
        credential = json.dumps({"username": AUTH[0], "password": AUTH[1]})
        sealed = self.vault.seal(credential, user_id="ann", connection_id="a1")
        made = self.connect("ann", "a1")
        self.people.save_connection(replace(made, calendar_id=self.url, credential=sealed))

    def advance(self, wait: timedelta) -> None:
        """Move on in time; what a real server was asked to do it has done."""
        self.at += wait

    @property
    def entries(self) -> list[str]:
        """The iCalendar text of each object in the calendar, asked for without our client."""
        found = httpx.request("PROPFIND", self.url, auth=AUTH, headers={"Depth": "1"})
        hrefs = [part.split("</", 1)[0] for part in found.text.split("<href>")[1:]]
        paths = {each for each in hrefs if each.endswith(".ics")}
        return [httpx.get(f"{self.url}{each.rsplit('/')[-1]}", auth=AUTH).text for each in paths]


@pytest.fixture
def world(server: str) -> RealWorld:
    return RealWorld(server)


def test_a_session_is_written_moved_and_removed_however_often_it_is_said(world: RealWorld) -> None:
    world.book()
    assert [[], []] == [world.drain(), world.drain()]
    (written,) = world.entries
    assert "DTSTART:20261124T090000Z" in written

    later = Interval(START + timedelta(days=2), START + timedelta(days=2, hours=1))
    world.change(interval=later, title="Review")
    assert [[], []] == [world.drain(), world.drain()]
    (moved,) = world.entries
    assert {"DTSTART:20261125T090000Z", "SUMMARY:Review"} <= set(moved.split("\r\n"))

    world.cancel()
    assert [[], []] == [world.drain(), world.drain()]
    assert [] == world.entries
    assert CopyState.REMOVED is world.state()


def test_changes_that_pile_up_before_the_first_delivery_leave_one_entry(world: RealWorld) -> None:
    world.book()
    world.change(title="Second")
    world.change(title="Third")

    world.drain()

    (entry,) = world.entries
    assert "SUMMARY:Third" in entry


def test_a_session_cancelled_before_its_first_delivery_is_never_written(world: RealWorld) -> None:
    world.book()
    world.cancel()

    world.drain()

    assert [] == world.entries


def test_what_a_user_deleted_comes_back_with_the_next_change_only(world: RealWorld) -> None:
    world.book()
    world.drain()
    ref = world.copy().ref
    assert ref
    httpx.delete(ref.external_id, auth=AUTH).raise_for_status()

    world.drain()
    assert [] == world.entries

    world.change(title="Moved")
    world.drain()
    assert 1 == len(world.entries)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", range(1, 9))
def test_a_worker_killed_at_any_step_leaves_exactly_the_right_entry(
    world: RealWorld, step: int, *, after: bool
) -> None:
    def kill() -> None:
        raise Killed

    world.book()
    world.sync = trapped(world, Trap(step, kill, after=after))

    world.drain()

    (entry,) = world.entries
    assert "SUMMARY:Coaching" in entry
    world.sync = trapped(world, Trap(step, kill, after=after))
    world.change(status=EventStatus.CANCELLED)
    world.drain()
    assert [] == world.entries

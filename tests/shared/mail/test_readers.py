"""Other people's readers find in every mail of a session's life what was put there."""

import json
import shutil
import subprocess
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from shared.ports import InviteMail
from tests.support.invitations import (
    ADDRESS,
    UID,
    body,
    calendar,
    invitation,
    life,
    vevent,
    written,
)
from tests.support.libical import complaints

CONTRACT = Path(__file__).parents[2] / "contract" / "ical.js"
LIFE = life()


def expected(mail: InviteMail) -> dict[str, Any]:
    """Return what a reader should find."""
    return {
        "method": str(mail.told.method),
        "uid": UID,
        "sequence": mail.told.sequence,
        "status": "CANCELLED" if mail.told.method == "CANCEL" else "CONFIRMED",
        "start": mail.event.interval.start,
        "end": mail.event.interval.end,
        "stamp": mail.stamp,
        "summary": mail.event.title,
        "location": mail.event.location,
        "url": mail.event.session_link,
        "organizer": ("mailto:sessions@mail.example", "Coaching, Inc."),
        "attendees": [(f"mailto:{ADDRESS}", "Kay", "REQ-PARTICIPANT", "NEEDS-ACTION", "TRUE")],
    }


def as_icalendar_reads(raw: bytes) -> dict[str, Any]:
    event = vevent(raw)
    guest = event["ATTENDEE"]
    url = event.get("URL")
    return {
        "method": str(calendar(raw)["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "start": event["DTSTART"].dt,
        "end": event["DTEND"].dt,
        "stamp": event["DTSTAMP"].dt,
        "summary": str(event["SUMMARY"]),
        "location": str(event["LOCATION"]),
        "url": None if url is None else str(url),
        "organizer": (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]),
        "attendees": [
            (str(guest), *(guest.params[each] for each in ("CN", "ROLE", "PARTSTAT", "RSVP")))
        ],
    }


@cache
def read_by_ical_js() -> dict[str, dict[str, Any]]:
    """Return what ical.js reads in each mail, all in one go: starting node takes longest."""
    node = shutil.which("node")
    assert node, "install node; `make setup` needs it too"
    assert (CONTRACT / "node_modules").exists(), "run `make setup`"
    with TemporaryDirectory() as folder:
        for name, mail in LIFE.items():
            (Path(folder) / f"{name}.ics").write_bytes(body(written(mail), "text/calendar"))
        answer = subprocess.run(  # noqa: S603 - our own script
            [node, str(CONTRACT / "read.js"), folder], capture_output=True, text=True, check=True
        )
    found: dict[str, dict[str, Any]] = json.loads(answer.stdout)
    return found


def as_ical_js_reads(name: str) -> dict[str, Any]:
    found = dict(read_by_ical_js()[f"{name}.ics"])
    assert (1, ["UTC", "UTC"]) == (found.pop("events"), found.pop("zones"))
    for instant in ("start", "end", "stamp"):
        found[instant] = datetime.fromisoformat(found[instant]).astimezone(UTC)
    found["organizer"] = (found["organizer"]["address"], found["organizer"]["cn"])
    found["attendees"] = [
        tuple(each[name] for name in ("address", "cn", "role", "partstat", "rsvp"))
        for each in found["attendees"]
    ]
    return found


@pytest.mark.parametrize("name", LIFE)
def test_icalendar_reads_what_was_written(name: str) -> None:
    assert expected(LIFE[name]) == as_icalendar_reads(written(LIFE[name]))


@pytest.mark.parametrize("name", LIFE)
def test_ical_js_reads_what_was_written(name: str) -> None:
    assert expected(LIFE[name]) == as_ical_js_reads(name)


@pytest.mark.parametrize("name", LIFE)
def test_libical_has_nothing_against_it(name: str) -> None:
    assert "" == complaints(body(written(LIFE[name]), "text/calendar"))


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        (b"METHOD:REQUEST", b"METHOD:PUBLISH"),
        (b"DTSTAMP:", b"X-STAMP:"),
        (b"DTSTART:", b"DTSTART:tomorrow or "),
        (b"ORGANIZER;", b"X-ORGANIZER;"),
        (b"ATTENDEE;", b"X-ATTENDEE;"),
        (b"UID:", b"X-UID:"),
    ],
)
def test_libical_would_notice_what_is_wrong(there: bytes, instead: bytes) -> None:
    text = body(written(invitation()), "text/calendar")

    assert complaints(text.replace(there, instead))


def test_the_life_of_a_session_is_one_uid_whose_sequence_and_stamp_only_grow() -> None:
    events = [vevent(written(mail)) for mail in LIFE.values()]

    assert {UID} == {str(each["UID"]) for each in events}
    assert [0, 1, 2, 3, 4, 5] == [int(each["SEQUENCE"]) for each in events]
    stamps = [each["DTSTAMP"].dt for each in events]
    assert sorted(set(stamps)) == stamps

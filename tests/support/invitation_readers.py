"""Invitations as icalendar and ical.js read them."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from shared.ports import InviteMail
from tests.support.invitation_samples import body, calendar, vevent

CONTRACT = Path(__file__).parents[1] / "contract" / "ical.js"


def expected(mail: InviteMail) -> dict[str, Any]:
    """Return what a reader should return."""
    return {
        "method": str(mail.content.method),
        "uid": mail.uid,
        "sequence": mail.content.sequence,
        "status": "CANCELLED" if mail.content.method == "CANCEL" else "CONFIRMED",
        "start": mail.event.interval.start,
        "end": mail.event.interval.end,
        "stamp": mail.stamp,
        "summary": mail.event.title,
        "location": mail.event.location,
        "url": None if mail.content.method == "CANCEL" else mail.event.session_link,
        "organizer": ("mailto:sessions@mail.example", "Coaching, Inc."),
        "attendees": [
            (f"mailto:{mail.address}", mail.name, "REQ-PARTICIPANT", "NEEDS-ACTION", "TRUE")
        ],
    }


def as_icalendar_reads(raw: bytes) -> dict[str, Any]:
    """Return what icalendar reads from a mail."""
    event = vevent(raw)
    guest = event["ATTENDEE"]
    url, location = event.get("URL"), event.get("LOCATION")
    return {
        "method": str(calendar(raw)["METHOD"]),
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "start": event["DTSTART"].dt,
        "end": event["DTEND"].dt,
        "stamp": event["DTSTAMP"].dt,
        "summary": str(event["SUMMARY"]),
        "location": None if location is None else str(location),
        "url": None if url is None else str(url),
        "organizer": (str(event["ORGANIZER"]), event["ORGANIZER"].params["CN"]),
        "attendees": [
            (str(guest), *(guest.params.get(each) for each in ("CN", "ROLE", "PARTSTAT", "RSVP")))
        ],
    }


def as_ical_js_reads(mails: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """Return what ical.js reads from each mail, in one process because node starts slowly."""
    node = shutil.which("node")
    assert node, "install node; `make setup` also needs it"
    assert (CONTRACT / "node_modules").exists(), "run `make setup`"
    with TemporaryDirectory() as folder:
        for name, raw in mails.items():
            (Path(folder) / f"{name}.ics").write_bytes(body(raw, "text/calendar"))
        process = subprocess.run(  # noqa: S603 - our own script
            [node, str(CONTRACT / "read.js"), folder], capture_output=True, text=True, check=True
        )
    return {
        name.removesuffix(".ics"): _typed(fields)
        for name, fields in json.loads(process.stdout).items()
    }


def _typed(read: Mapping[str, Any]) -> dict[str, Any]:
    fields = dict(read)
    assert (1, ["UTC", "UTC"]) == (fields.pop("events"), fields.pop("zones"))
    for instant in ("start", "end", "stamp"):
        fields[instant] = datetime.fromisoformat(fields[instant]).astimezone(UTC)
    fields["organizer"] = (fields["organizer"]["address"], fields["organizer"]["cn"])
    fields["attendees"] = [
        tuple(each[name] for name in ("address", "cn", "role", "partstat", "rsvp"))
        for each in fields["attendees"]
    ]
    return fields

"""Scene three: whoever has no calendar is invited by mail, and so is a guest whose mail bounces."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_string, policy
from typing import Any

from icalendar import Calendar

from infra.local.control import MAIL
from infra.local.demo.stage import Api, expect, say, text
from infra.local.demo.two_providers import calendars
from infra.local.server import Service
from shared.domain.interval import Interval

SESSION = "demo-4"
TITLE = "A session with a guest"
# SES's simulator names: mail to the first arrives, mail to the second comes back.
LEARNER, GUEST = "success@learners.example", "bounce@guests.example"
START = datetime(2026, 4, 14, 9, tzinfo=UTC)
SLOT = Interval(START, START + timedelta(hours=1))
_EVENT = f"/api/v1/events/{SESSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a mail's calendar part says, and SES's id of the mail."""

    message_id: str
    to: str
    method: str
    uid: str
    sequence: int
    time: Interval
    attendees: tuple[str, ...]


def play(run: Service) -> None:
    """Go through every step; the coach is the one of the scene before, with a calendar.

    Raises:
        DemoFailed: at the first that is not as it should be.
    """
    coach = Api(run, "coach-2", "Coach")
    with coach.client:
        coach.call("POST", "/api/v1/events", status=201, body=_event())
        invite_guest(coach)
        run.settle()
        first = check_requests(coach)
        held = [title for title, _ in calendars(run)["google"]]
        expect(held == [TITLE], f"the coach's calendar holds {held}")
        say(f"Booked {text(START)}; learner and guest got an invitation each, the coach a copy.")
        check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("bounced", 1)})
        say("The learner's mail was delivered, the guest's bounced; the invite status says so.")
        run.mails.mend(GUEST)
        resend(run, coach, first)
        cancel(run, coach, first)


def invite_guest(coach: Api) -> None:
    """Add somebody who is no user of the platform."""
    guests = {"attendees": [{"email": GUEST, "name": "A guest"}]}
    query = {"sessionType": "coaching"}
    path = f"/api/v1/sessions/{SESSION}/external-attendees"
    told = coach.call("PUT", path, query=query, body=guests)
    expect([each["email"] for each in told["attendees"]] == [GUEST], f"the guests are {told}")


def check_requests(coach: Api) -> dict[str, Invitation]:
    """Find one invitation for each of the two and return them by address."""
    sent = invitations(coach)
    found = {each.to: each for each in sent}
    expect(
        sorted(each.to for each in sent) == sorted((LEARNER, GUEST)),
        f"mail went to {[each.to for each in sent]}",
    )
    for each in sent:
        expect(each.method == "REQUEST", f"the mail to {each.to} is a {each.method}")
        expect(each.time == SLOT, f"the mail to {each.to} invites to {each.time}")
        expect(each.attendees == (each.to,), f"the mail to {each.to} shows {each.attendees}")
    return found


def check_status(coach: Api, expected: Mapping[str, tuple[str, int]]) -> None:
    """Compare status and number of attempts of each invitation with those."""
    told = coach.call("GET", f"{_EVENT}/invite-status")
    found = {each["email"]: (each["status"], each["attempts"]) for each in told["recipients"]}
    expect(found == expected, f"the invitations fared {told}")


def resend(run: Service, coach: Api, first: Mapping[str, Invitation]) -> None:
    """Send again what bounced, now that the mailbox works, and let SES report that it arrived."""
    told = coach.call("POST", f"{_EVENT}/resend-invites", body={})
    expect(told["resent"] == [GUEST], f"sent again was {told}")
    run.settle()
    again = invitations(coach)[-1]
    expect(again.message_id != first[GUEST].message_id, "nothing was sent again")
    expect(again.to == GUEST, f"the mail went to {again.to}")
    expect(again.uid == first[GUEST].uid, f"the UID is {again.uid}, not {first[GUEST].uid}")
    expect(again.sequence >= first[GUEST].sequence, f"SEQUENCE fell to {again.sequence}")
    coach.call("POST", f"{MAIL}/{again.message_id}/delivery")
    check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("delivered", 2)})
    say("The guest's mailbox works again: sent once more with the same UID, and delivered.")


def cancel(run: Service, coach: Api, first: Mapping[str, Invitation]) -> None:
    """Cancel the session and find both told, in a way their calendars act on."""
    before = len(invitations(coach))
    coach.call("POST", "/api/v1/events/cancel", body={"sessionId": SESSION})
    run.settle()
    last = {each.to: each for each in invitations(coach)[before:]}
    expect(set(last) == {LEARNER, GUEST}, f"cancellations went to {sorted(last)}")
    for address, each in last.items():
        expect(each.method == "CANCEL", f"the mail to {address} is a {each.method}")
        expect(each.uid == first[address].uid, f"the UID for {address} changed to {each.uid}")
        grown = each.sequence > first[address].sequence
        expect(grown, f"SEQUENCE for {address} is still {each.sequence}")
    say(f"Cancelled; both got a CANCEL with the same UID and SEQUENCE {last[GUEST].sequence}.")


def invitations(coach: Api) -> list[Invitation]:
    """Return the invitations to this session, oldest first."""
    mails = coach.call("GET", MAIL)
    found = [_invitation(each) for each in mails]
    return [each for each in found if each.uid.startswith(f"{SESSION}@")]


def _invitation(mail: Mapping[str, str]) -> Invitation:
    parts = message_from_string(mail["raw"], policy=policy.default).walk()
    part = next(each for each in parts if each.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    events: list[Any] = calendar.walk("VEVENT")
    expect(len(events) == 1, f"a mail holds {len(events)} events")
    event = events[0]
    method = str(calendar["METHOD"])
    expect(part.get_param("method") == method, f"the MIME part says {part['content-type']}")
    attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
    return Invitation(
        message_id=mail["messageId"],
        to=mail["to"],
        method=method,
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        time=Interval(event.start, event.end),
        attendees=tuple(each.removeprefix("mailto:") for each in attendees),
    )


def _event() -> dict[str, Any]:
    return {
        "sessionId": SESSION,
        "title": TITLE,
        "startTime": SLOT.start.isoformat(),
        "endTime": SLOT.end.isoformat(),
        "timezone": "Europe/Berlin",
        "owner": "COACH",
        "coachId": "coach-2",
        "learnerId": "learner-3",
        "contacts": [{"userId": "learner-3", "email": LEARNER, "name": "A learner"}],
        "autoApproval": True,
    }

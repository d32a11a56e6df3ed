"""Scene three: whoever has no calendar is invited by mail, and so is a guest whose mail bounces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar

from infra.local.demo.script import Script
from infra.local.demo.stage import Api, Run, expect, say, text
from infra.local.demo.two_providers import calendars
from infra.local.mail.events import Report
from infra.local.mail.sent import SentMail
from shared.domain.interval import Interval

SESSION = "demo-4"
TITLE = "A session with a guest"
# SES's simulator names: mail to the first arrives, mail to the second comes back.
LEARNER, GUEST = "success@learners.example", "bounce@guests.example"
DAYS = 15
"""How long after the first scene the session is."""

REPORT_SECONDS = 30
_EVENT = f"/api/v1/events/{SESSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """What a mail's calendar part says, and the mail itself."""

    mail: SentMail
    to: str
    method: str
    uid: str
    sequence: int
    time: Interval
    attendees: tuple[str, ...]


def play(run: Run, script: Script) -> None:
    """Go through every step; the coach is the one of the scene before, with a calendar.

    Raises:
        DemoFailed: at the first that is not as it should be.
    """
    slot = script.slot(days=DAYS)
    coach = Api(run, "coach-2", "Coach")
    with coach.client:
        run.until(lambda: coach.call("POST", "/api/v1/events", status=201, body=_event(slot)))
        invite_guest(coach)
        first = run.until(lambda: check_requests(run, slot))
        say(f"Booked {text(slot.start)}: an invitation to learner and guest, the coach a copy.")
        run.until(lambda: check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("bounced", 1)}))
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


def check_requests(run: Run, slot: Interval) -> dict[str, Invitation]:
    """Find one invitation for each of the two, and the coach's copy; return them by address."""
    sent = invitations(run)
    found = {each.to: each for each in sent}
    expect(
        sorted(each.to for each in sent) == sorted((LEARNER, GUEST)),
        f"mail went to {[each.to for each in sent]}",
    )
    for each in sent:
        expect(each.method == "REQUEST", f"the mail to {each.to} is a {each.method}")
        expect(each.time == slot, f"the mail to {each.to} invites to {each.time}")
        expect(each.attendees == (each.to,), f"the mail to {each.to} shows {each.attendees}")
    held = [title for title, _ in calendars(run)["google"]]
    expect(held == [TITLE], f"the coach's calendar holds {held}")
    return found


def check_status(coach: Api, expected: Mapping[str, tuple[str, int]]) -> None:
    """Compare status and number of attempts of each invitation with those."""
    told = coach.call("GET", f"{_EVENT}/invite-status")
    found = {each["email"]: (each["status"], each["attempts"]) for each in told["recipients"]}
    expect(found == expected, f"the invitations fared {told}")


def resend(run: Run, coach: Api, first: Mapping[str, Invitation]) -> None:
    """Send again what bounced, now that the mailbox works, and let SES report that it arrived."""
    told = coach.call("POST", f"{_EVENT}/resend-invites", body={})
    expect(told["resent"] == [GUEST], f"sent again was {told}")
    again = run.until(lambda: check_resent(run, first[GUEST]))
    for report in run.mails.report(again.mail, Report.DELIVERY):
        report.result(REPORT_SECONDS)
    run.until(lambda: check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("delivered", 2)}))
    say("The guest's mailbox works again: sent once more with the same UID, and delivered.")


def check_resent(run: Run, first: Invitation) -> Invitation:
    """Find a second mail that follows that first one, and return it."""
    again = invitations(run)[-1]
    expect(again.mail.message_id != first.mail.message_id, "nothing was sent again")
    expect(again.to == first.to, f"the mail went to {again.to}")
    expect(again.uid == first.uid, f"the UID is {again.uid}, not {first.uid}")
    expect(again.sequence >= first.sequence, f"SEQUENCE fell to {again.sequence}")
    return again


def cancel(run: Run, coach: Api, first: Mapping[str, Invitation]) -> None:
    """Cancel the session and find both told, in a way their calendars act on."""
    before = len(invitations(run))
    coach.call("POST", "/api/v1/events/cancel", body={"sessionId": SESSION})
    last = run.until(lambda: check_cancelled(run, first, before=before))
    say(f"Cancelled; both got a CANCEL with the same UID and SEQUENCE {last.sequence}.")


def check_cancelled(run: Run, first: Mapping[str, Invitation], *, before: int) -> Invitation:
    """Find a CANCEL for each of the two after that many mails, and return the guest's."""
    last = {each.to: each for each in invitations(run)[before:]}
    expect(set(last) == {LEARNER, GUEST}, f"cancellations went to {sorted(last)}")
    for address, each in last.items():
        expect(each.method == "CANCEL", f"the mail to {address} is a {each.method}")
        expect(each.uid == first[address].uid, f"the UID for {address} changed to {each.uid}")
        grown = each.sequence > first[address].sequence
        expect(grown, f"SEQUENCE for {address} is still {each.sequence}")
    return last[GUEST]


def invitations(run: Run) -> list[Invitation]:
    """Return the invitations to this session, oldest first."""
    found = [_invitation(each) for each in run.mails.sent()]
    return [each for each in found if each.uid.startswith(f"{SESSION}@")]


def _invitation(mail: SentMail) -> Invitation:
    parts = mail.mime.walk()
    part = next(each for each in parts if each.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    events: list[Any] = calendar.walk("VEVENT")
    expect(len(events) == 1, f"a mail holds {len(events)} events")
    event = events[0]
    method = str(calendar["METHOD"])
    expect(part.get_param("method") == method, f"the MIME part says {part['content-type']}")
    attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
    return Invitation(
        mail=mail,
        to=", ".join(mail.to),
        method=method,
        uid=str(event["UID"]),
        sequence=int(event["SEQUENCE"]),
        time=Interval(event.start, event.end),
        attendees=tuple(each.removeprefix("mailto:") for each in attendees),
    )


def _event(slot: Interval) -> dict[str, Any]:
    return {
        "sessionId": SESSION,
        "title": TITLE,
        "startTime": slot.start.isoformat(),
        "endTime": slot.end.isoformat(),
        "timezone": "Europe/Berlin",
        "owner": "COACH",
        "coachId": "coach-2",
        "learnerId": "learner-3",
        "contacts": [{"userId": "learner-3", "email": LEARNER, "name": "A learner"}],
        "autoApproval": True,
    }

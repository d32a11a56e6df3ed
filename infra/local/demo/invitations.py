"""Part three: a user without a calendar is invited by mail, and a guest whose mail bounces."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from icalendar import Calendar

from infra.local.demo.common import ApiClient, RunningService, expect, say, text
from infra.local.demo.scenario import Scenario
from infra.local.demo.two_providers import calendars
from infra.local.mail.events import Report
from infra.local.mail.sent import SentMail
from shared.domain.interval import Interval

SESSION = "demo-4"
TITLE = "A session with a guest"
# Names of SES's mailbox simulator: mail to the first is delivered, mail to the second bounces.
LEARNER, GUEST = "success@learners.example", "bounce@guests.example"
DAYS = 15
"""Days from the first part's session to this one."""

REPORT_SECONDS = 30
_EVENT = f"/api/v1/events/{SESSION}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A mail and the content of its calendar part."""

    mail: SentMail
    to: str
    method: str
    uid: str
    sequence: int
    time: Interval
    attendees: tuple[str, ...]


def run_steps(run: RunningService, scenario: Scenario) -> None:
    """Run every step; the coach is the one of part two, with a connected calendar.

    Raises:
        DemoFailed: at the first step that fails.
    """
    slot = scenario.slot(days=DAYS)
    coach = ApiClient(run, "coach-2", "Coach")
    with coach.client:
        run.until(lambda: coach.call("POST", "/api/v1/events", status=201, body=_event(slot)))
        invite_guest(coach)
        first = run.until(lambda: check_requests(run, slot))
        say(f"Booked {text(slot.start)}: learner and guest got an invitation, the coach a copy.")
        run.until(lambda: check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("bounced", 1)}))
        say("The learner's mail was delivered, the guest's bounced; the invite status says so.")
        run.mails.make_deliverable(GUEST)
        resend(run, coach, first)
        cancel(run, coach, first)


def invite_guest(coach: ApiClient) -> None:
    """Add a guest, who is not a user of the platform."""
    guests = {"attendees": [{"email": GUEST, "name": "A guest"}]}
    query = {"sessionType": "coaching"}
    path = f"/api/v1/sessions/{SESSION}/external-attendees"
    guest_list = coach.call("PUT", path, query=query, body=guests)
    emails = [each["email"] for each in guest_list["attendees"]]
    expect(emails == [GUEST], f"the guests are {guest_list}")


def check_requests(run: RunningService, slot: Interval) -> dict[str, Invitation]:
    """Check the two invitations and the coach's copy; return the invitations by address."""
    sent = invitations(run)
    by_address = {each.to: each for each in sent}
    expect(
        sorted(each.to for each in sent) == sorted((LEARNER, GUEST)),
        f"mail went to {[each.to for each in sent]}",
    )
    for each in sent:
        expect(each.method == "REQUEST", f"the mail to {each.to} is a {each.method}")
        expect(each.time == slot, f"the mail to {each.to} invites to {each.time}")
        expect(each.attendees == (each.to,), f"the mail to {each.to} shows {each.attendees}")
    titles = [title for title, _ in calendars(run)["google"]]
    expect(titles == [TITLE], f"the coach's calendar holds {titles}")
    return by_address


def check_status(coach: ApiClient, expected: Mapping[str, tuple[str, int]]) -> None:
    """Check the status and the number of attempts of each invitation."""
    report = coach.call("GET", f"{_EVENT}/invite-status")
    statuses = {each["email"]: (each["status"], each["attempts"]) for each in report["recipients"]}
    expect(statuses == expected, f"the invite status is {report}")


def resend(run: RunningService, coach: ApiClient, first: Mapping[str, Invitation]) -> None:
    """Resend the bounced invitation, now that the mailbox works, and report its delivery."""
    report = coach.call("POST", f"{_EVENT}/resend-invites", body={})
    expect(report["resent"] == [GUEST], f"the resend report is {report}")
    again = run.until(lambda: check_resent(run, first[GUEST]))
    for delivery in run.mails.report(again.mail, Report.DELIVERY):
        delivery.result(REPORT_SECONDS)
    run.until(lambda: check_status(coach, {LEARNER: ("delivered", 1), GUEST: ("delivered", 2)}))
    say("The guest's mailbox works again: sent once more with the same UID, and delivered.")


def check_resent(run: RunningService, first: Invitation) -> Invitation:
    """Check the second mail to the guest and return it."""
    again = invitations(run)[-1]
    expect(again.mail.message_id != first.mail.message_id, "no mail was resent")
    expect(again.to == first.to, f"the mail went to {again.to}")
    expect(again.uid == first.uid, f"the UID is {again.uid}, not {first.uid}")
    expect(again.sequence >= first.sequence, f"SEQUENCE decreased to {again.sequence}")
    return again


def cancel(run: RunningService, coach: ApiClient, first: Mapping[str, Invitation]) -> None:
    """Cancel the session and check that both got a valid cancellation."""
    before = len(invitations(run))
    coach.call("POST", "/api/v1/events/cancel", body={"sessionId": SESSION})
    last = run.until(lambda: check_cancelled(run, first, before=before))
    say(f"Cancelled; both got a CANCEL with the same UID and SEQUENCE {last.sequence}.")


def check_cancelled(
    run: RunningService, first: Mapping[str, Invitation], *, before: int
) -> Invitation:
    """Check the two CANCEL mails after the first `before` mails; return the guest's."""
    last = {each.to: each for each in invitations(run)[before:]}
    expect(set(last) == {LEARNER, GUEST}, f"cancellations went to {sorted(last)}")
    for address, each in last.items():
        expect(each.method == "CANCEL", f"the mail to {address} is a {each.method}")
        expect(each.uid == first[address].uid, f"the UID for {address} changed to {each.uid}")
        is_higher = each.sequence > first[address].sequence
        expect(is_higher, f"SEQUENCE for {address} is still {each.sequence}")
    return last[GUEST]


def invitations(run: RunningService) -> list[Invitation]:
    """Return the invitations to this session, oldest first."""
    invitations_sent = [_invitation(each) for each in run.mails.sent()]
    return [each for each in invitations_sent if each.uid.startswith(f"{SESSION}@")]


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

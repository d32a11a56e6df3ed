"""Part four: a session that an Admin declines, and one that no Admin approves in time."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from infra.local.demo.common import ApiClient, RunningService, expect, say, text
from infra.local.demo.scenario import ZONE, Scenario
from shared.domain.interval import Interval

DECLINED, EXPIRED, LATER = "demo-5", "demo-6", "demo-7"
DAYS = 21
"""Days from the first part's session to these; also a Monday."""

REASON = "The coach is away that week."

SetClock = Callable[[datetime], None]


def run_steps(run: RunningService, scenario: Scenario, set_clock: SetClock | None) -> None:
    """Run every step; coach and learner are those of part one.

    Without `set_clock` the service's clock cannot be set, so no session expires.

    Raises:
        DemoFailed: at the first step that fails.
    """
    slot = scenario.slot(days=DAYS)
    learner, admin = ApiClient(run, "learner-1", "Learner"), ApiClient(run, "admin-1", "Admin")
    with learner.client, admin.client:
        book(run, learner, DECLINED, slot)
        decline(learner, admin)
        waiting = book(run, learner, EXPIRED, slot)
        until = datetime.fromisoformat(waiting["pendingUntil"])
        say(f"The learner requested the same time again; it waits until {text(until)}.")
        if set_clock:
            set_clock(until)
            expire(run, learner, admin, slot)


def book(run: RunningService, learner: ApiClient, session: str, slot: Interval) -> Any:
    """Book a session that waits for approval, and return it."""
    body = _event(session, slot)
    event = run.until(lambda: learner.call("POST", "/api/v1/events", status=201, body=body))
    expect(event["status"] == "PENDING_APPROVAL", f"the event is {event['status']}")
    return event


def decline(learner: ApiClient, admin: ApiClient) -> None:
    """Decline the session, and check what the learner reads."""
    body = {"sessionId": DECLINED, "reason": REASON}
    admin.call("POST", "/api/v1/events/decline", body=body)
    event = learner.call("GET", f"/api/v1/events/{DECLINED}")
    expect(event["status"] == "DECLINED", f"the event is {event['status']}")
    expect(event["reason"] == REASON, f"the reason is {event['reason']}")
    error = admin.call("POST", "/api/v1/events/approve", status=409, body={"sessionId": DECLINED})
    expect(error["code"] == "EVENT_CANCELLED", f"approving it returned {error['code']}")
    say("An Admin declined another booking; the learner reads the reason in the event.")


def expire(run: RunningService, learner: ApiClient, admin: ApiClient, slot: Interval) -> None:
    """Check that the session has expired and that its time is free again."""
    event = learner.call("GET", f"/api/v1/events/{EXPIRED}")
    expect(event["status"] == "EXPIRED", f"the event is {event['status']}")
    error = admin.call("POST", "/api/v1/events/approve", status=409, body={"sessionId": EXPIRED})
    expect(error["code"] == "EVENT_CANCELLED", f"approving it returned {error['code']}")
    book(run, learner, LATER, slot)
    say("No Admin approved it in time: it has expired, and its time can be booked again.")


def _event(session: str, slot: Interval) -> dict[str, Any]:
    return {
        "sessionId": session,
        "title": "A session that waits for approval",
        "startTime": slot.start.isoformat(),
        "endTime": slot.end.isoformat(),
        "timezone": ZONE,
        "owner": "COACHEE",
        "coachId": ["coach-1"],
        "learnerId": ["learner-1"],
    }

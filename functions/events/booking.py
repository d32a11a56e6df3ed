"""Creating and changing events."""

from aws_lambda_powertools.event_handler import Response

from functions.events.app import app
from functions.events.requests import CreateEvent, UpdateEvent
from functions.events.responses import EventOut, event_out
from shared import wiring
from shared.api.envelope import success
from shared.api.operation import KIB, operation

_LARGEST_EVENT = 128 * KIB
"""50 contacts with long names as \\u escapes fit."""


@app.post("/api/v1/events")
@operation(
    "createEvent",
    tag="Events",
    responses={201: EventOut, 200: EventOut},
    errors=(
        "START_IN_PAST",
        "FORBIDDEN",
        "SLOT_TAKEN",
        "OUTSIDE_AVAILABILITY",
        "CALENDAR_UNREADABLE",
        "EVENT_EXISTS",
        "EVENT_CANCELLED",
        "TOO_MANY_PENDING",
        "TOO_MANY_SESSIONS",
        "TOO_LARGE",
    ),
    max_body_bytes=_LARGEST_EVENT,
)
def create_event(body: CreateEvent) -> Response[str]:
    """Create the event of a session and write it to every participant's calendars.

    An event's id is its sessionId. Its participants are coachId, learnerId and an admin who attends
    together, 50 at most. The token's id and role must fit owner. COACH: the caller has the role
    Coach and is among coachId. COACHEE: the caller has the role Learner and is the only learner,
    with exactly one coach. ADMIN: role Admin. An Admin, and a service with the scope events:write,
    may create with any owner. COACH and COACHEE require a coach and a learner; ADMIN requires
    adminId and a coach or a learner. endTime is after startTime, by at most 24 hours or a local day
    of timezone on which the clock goes back, and startTime is not in the past. With autoApproval
    the event is SCHEDULED immediately; otherwise it is PENDING_APPROVAL: it occupies its time, but
    no calendar is written and no mail is sent until it is approved. It expires at pendingUntil,
    which is no later than its start: its time is free again.

    Booking is atomic. Who must be free: all coaches, and with exactly one learner the learner. When
    an Admin or a service books: with one coach and one learner, both; with one coach and any other
    number of learners, the coach; with one learner and any other number of coaches, the learner;
    otherwise, none of them. If one of them is busy, the response is SLOT_TAKEN with up to five
    alternatives and nothing is written. If one of their calendars cannot be read, the response is
    CALENDAR_UNREADABLE, or a warning if the stack allows it. Coaches and learners who need not be
    free cause warnings, each with its code, user and role in warningDetails.

    Booking rules: the time is inside the windows of the coaches, on no holiday, no sooner than the
    minimum notice, and the buffers of two sessions of a person do not overlap; calendar entries
    stay outside the buffers. A learner who breaks one gets OUTSIDE_AVAILABILITY with alternatives;
    a coach, an Admin and a service get a warning. A stack may be configured to bind everyone or
    only to warn. Every slot that /available-slots lists as available for a learner can be booked by
    that learner. allowConflicts books in all these cases and reports them in warnings.

    Bidirectional controls (U+202A to U+202E, U+2066 to U+206F) are removed from title, location and
    names. location may have several lines. A sessionLink or a link in location must not have a user
    name, and its host must not mix scripts or look like Latin letters: write such a host in its
    ASCII form (xn--...).

    contacts gives e-mail addresses of participants, used for invitations only; one for anyone else
    is rejected. Sending the same body again returns 200 with the event and changes nothing; another
    body for the same session returns EVENT_EXISTS. A session that was cancelled or declined, or has
    expired, is booked again under the same id only with reopen, by anyone who may cancel it;
    without reopen the response is EVENT_CANCELLED. An Admin's or service's request replaces an
    event that is not scheduled and was created by a user who takes no part in the new one: its time
    is released. version goes on in both cases.

    adminId is the approver and takes no part: no hold, no calendar copy, no mail. With adminAttends
    the admin takes part; so does the admin of a session without a coach, unless adminAttends is
    false. A stack may be configured to let admins take part by default.

    Calendars are written after the response: GET /api/v1/events/{eventId} shows the state of each.
    """
    view = wiring.events().create(app.caller, body.draft(), now=wiring.now())
    if view.created:
        return success(event_out(view), "Event created.", status=201)
    return success(event_out(view), "The event already exists, from the same request.")


@app.put("/api/v1/events")
@operation(
    "updateEvent",
    tag="Events",
    responses={200: EventOut},
    errors=(
        "OWNER_REQUIRED",
        "START_IN_PAST",
        "FORBIDDEN",
        "NOT_FOUND",
        "SLOT_TAKEN",
        "OUTSIDE_AVAILABILITY",
        "CALENDAR_UNREADABLE",
        "EVENT_CANCELLED",
        "EVENT_ENDED",
        "VERSION_CONFLICT",
        "TOO_MANY_SESSIONS",
        "TOO_LARGE",
    ),
    max_body_bytes=_LARGEST_EVENT,
)
def update_event(body: UpdateEvent) -> Response[str]:
    """Change an event and update every calendar copy.

    Only the given fields change; null clears sessionLink, location, contacts or adminId, and is
    rejected elsewhere. Only fields whose value differs from the stored one need a right, and rights
    follow from the stored event. Users may give their own contact. With startTime, endTime,
    coachId, learnerId or adminId, owner and the participants it requires must be given
    (OWNER_REQUIRED). A learner who moves a session names owner COACHEE; this does not change the
    stored owner.

    New time and people newly required to be free are booked atomically under the rules of creation.
    Only they are checked: a change that takes no new time, such as shortening or removing people,
    succeeds whatever else is on then, and the event's own time never conflicts with itself. A
    removed participant loses the calendar copy and gets a cancellation; an added participant gets a
    copy or an invitation. An outdated expectedVersion returns VERSION_CONFLICT, a closed event
    EVENT_CANCELLED, one that is over EVENT_ENDED.
    """
    view = wiring.events().update(app.caller, body.change(), now=wiring.now())
    return success(event_out(view), "Event updated.")

"""A valid body and a valid query for every route that takes one."""

from collections.abc import Mapping
from typing import Any

from shared.domain.connection import OAUTH_PROVIDERS
from tests.support.service import session_body
from tests.support.sns_signer import message

EVENT = session_body("bad-coach", "bad-learner", owner="ADMIN", adminId="bad-admin")
WEEK = {"monday": [{"startTime": "09:00", "endTime": "17:00"}]}
BODIES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("POST", "/api/v1/events"): EVENT,
    ("PUT", "/api/v1/events"): {"sessionId": "bad-1", "title": "x"},
    ("POST", "/api/v1/events/cancel"): {"sessionId": "bad-1"},
    ("POST", "/api/v1/events/leave"): {"sessionId": "bad-1"},
    ("POST", "/api/v1/events/approve"): {"sessionId": "bad-1"},
    ("POST", "/api/v1/events/decline"): {"sessionId": "bad-1"},
    ("PUT", "/api/v1/availability"): {"role": "Coach", "timezone": "UTC", "availability": WEEK},
    ("PUT", "/api/v1/availability/timezone"): {"role": "Coach", "timezone": "UTC"},
    ("POST", "/api/v1/holidays"): {
        "name": "Off",
        "role": "Coach",
        "startDate": "2026-12-24",
        "endDate": "2026-12-26",
    },
    ("POST", "/api/v1/auth/{provider}/complete"): {"completion": "made-up"},
    ("POST", "/api/v1/auth/apple/connect"): {
        "username": "ada",
        "password": "secret",
        "serverUrl": "https://127.0.0.1",
    },
    ("POST", "/api/v1/connections/auto-provision"): {
        "userId": "1",
        "provider": "google",
        "email": "ada@example.org",
        "accessToken": "secret",
    },
    ("POST", "/api/v1/events/{eventId}/resend-invites"): {"recipients": [], "force": False},
    ("PUT", "/api/v1/sessions/{sessionId}/external-attendees"): {
        "attendees": ["ada@example.org", {"email": "bob@example.org", "name": "Bob"}]
    },
    ("POST", "/api/v1/webhooks"): {
        "url": "https://platform.example/events",
        "types": ["session.booked"],
        "description": "records",
    },
    ("PUT", "/api/v1/webhooks/{webhookId}"): {
        "url": "https://platform.example/events",
        "types": ["session.booked"],
        "description": "records",
        "status": "ACTIVE",
        "rotateSecret": False,
        "keepSecretsHours": 24,
    },
    ("POST", "/api/v1/webhooks/{webhookId}/replay"): {"since": "2026-11-20T00:00:00Z"},
    ("POST", "/api/v1/ses/notifications"): message(TopicArn="arn:aws:sns:eu-central-1:1:theirs"),
}
SLOTS_QUERY = {"date": "2026-11-24", "role": "Coach", "coachId": "1", "learnerId": "2"}
QUERIES: Mapping[str, dict[str, str]] = {
    "/api/v1/events": {"date": "2026-11-24", "userId": "1", "timezone": "UTC"},
    "/api/v1/available-slots": {
        **SLOTS_QUERY,
        "timezone": "UTC",
        "sessionId": "s",
        "reschedule": "true",
        "duration": "60",
    },
    "/api/v1/available-slots-admin": {
        "date": "2026-11-24",
        "role": "Admin",
        "coachIds": "1,2",
        "learnerIds": "3",
    },
    "/api/v1/month-calendar": {
        "year": "2026",
        "month": "11",
        "role": "Coach",
        "coachId": "1",
        "learnerId": "2",
        "timezone": "UTC",
        "duration": "60",
    },
    "/api/v1/month-calendar-admin": {
        "year": "2026",
        "month": "11",
        "role": "Admin",
        "coachIds": "1,2",
        "learnerIds": "3",
    },
    "/api/v1/legacy/check-availability": {
        "userId": "1",
        "role": "Coach",
        "dateTime": "2026-11-24T10:00:00",
        "timezone": "UTC",
    },
    "/api/v1/legacy/calendar-setup": {"userId": "1", "role": "Coach"},
    "/api/v1/status": {"role": "Coach"},
    "/api/v1/sessions/{sessionId}/external-attendees": {"sessionType": "group"},
    "/api/v1/auth/{provider}": {"redirectUri": "https://app.example"},
    **{
        f"/api/v1/auth/{provider}/callback": {"code": "c", "state": "s", "error": ""}
        for provider in OAUTH_PROVIDERS
    },
}
SLOTS_ADMIN, MONTH_ADMIN = "/api/v1/available-slots-admin", "/api/v1/month-calendar-admin"
MONTH = "/api/v1/month-calendar"
CHECK, SETUP = "/api/v1/legacy/check-availability", "/api/v1/legacy/calendar-setup"

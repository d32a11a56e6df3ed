"""Example request bodies for the OpenAPI document. Each must succeed when sent unchanged.

Their times are fixed: all are after EXAMPLE_NOW of infra/openapi/examples.py, and no two events
that need the same people overlap. They include what older clients send: one id instead of a list,
numbers instead of strings, other spellings.
"""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "createEvent": {
        "coaching session": {
            "sessionId": "session-1",
            "title": "Career coaching",
            "sessionLink": "https://meet.example/session-1",
            "startTime": "2030-03-05T09:00:00Z",
            "endTime": "2030-03-05T10:00:00Z",
            "timezone": "Europe/Berlin",
            "location": "Room 4",
            "owner": "COACH",
            "coachId": ["coach-1"],
            "learnerId": ["learner-1"],
            "adminId": "admin-1",
            "autoApproval": True,
            "contacts": [
                {"userId": "learner-1", "email": "learner@example.org", "name": "Lee Learner"}
            ],
        },
        "one id instead of a list": {
            "sessionId": "session-2",
            "title": "Career coaching",
            "startTime": "2030-03-05T11:00:00Z",
            "endTime": "2030-03-05T12:00:00Z",
            "owner": "COACHEE",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "ids as numbers": {
            "sessionId": 101,
            "title": "Leadership",
            "startTime": "2030-03-05T13:00:00Z",
            "endTime": "2030-03-05T14:00:00Z",
            "owner": "COACH",
            "coachId": 7,
            "learnerId": 8,
            "adminId": 9,
            "contacts": [{"userId": 8, "email": "eight@example.org"}],
        },
        "group session, ids as numbers and strings": {
            "sessionId": "group-1",
            "title": "Team workshop",
            "startTime": "2030-03-06T09:00:00Z",
            "endTime": "2030-03-06T12:00:00Z",
            "owner": "ADMIN",
            "adminId": 9,
            "coachId": 7,
            "learnerId": ["a", 2, "learner-1"],
        },
        "times with an offset": {
            "sessionId": "session-3",
            "title": "Interview practice",
            "startTime": "2030-03-07T14:30:00+05:30",
            "endTime": "2030-03-07T15:30:00+05:30",
            "timezone": "Asia/Kolkata",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "times without an offset (UTC)": {
            "sessionId": "session-4",
            "title": "Interview practice",
            "startTime": "2030-03-08T09:00:00",
            "endTime": "2030-03-08T10:00:00",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "owner in lower case, no link or location, unknown fields": {
            "sessionId": "session-5",
            "title": "Check-in",
            "sessionLink": None,
            "startTime": "2030-03-08T11:00:00.000Z",
            "endTime": "2030-03-08T11:30:00.000Z",
            "location": None,
            "owner": "coachee",
            "coachId": "coach-1",
            "learnerId": "learner-1",
            "autoApproval": False,
            "sessionType": "coaching",
            "platformField": {"anything": ["is", "ignored"]},
        },
    },
    "updateEvent": {
        "title and location": {
            "sessionId": "session-1",
            "title": "Career coaching, part two",
            "location": "Room 5",
        },
        "another time": {
            "sessionId": "session-1",
            "startTime": "2030-03-12T09:00:00Z",
            "endTime": "2030-03-12T10:00:00Z",
            "owner": "COACH",
            "coachId": ["coach-1"],
            "learnerId": ["learner-1"],
        },
        "another learner, ids as numbers": {
            "sessionId": 101,
            "owner": "coach",
            "coachId": 7,
            "learnerId": [8, "learner-1"],
        },
        "clear the link, for one version only": {
            "sessionId": "session-1",
            "sessionLink": None,
            "expectedVersion": 3,
        },
        "without an approver or contacts": {
            "sessionId": "session-1",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
            "adminId": None,
            "contacts": None,
        },
    },
    "cancelEvent": {
        "by id": {"sessionId": "session-1"},
        "by number": {"sessionId": 101},
        "with a reason": {
            "sessionId": "session-1",
            "reason": "I am ill. We find another time.",
        },
    },
    "leaveEvent": {
        "by id": {"sessionId": "group-1"},
    },
    "declineEvent": {
        "by id": {"sessionId": "session-3"},
        "with a reason": {
            "sessionId": "session-5",
            "reason": "The coach is away that week.",
            "expectedVersion": 1,
        },
    },
    "approveEvent": {
        "by id": {"sessionId": "session-2"},
        "by number": {"sessionId": 101},
        "despite conflicts": {"sessionId": "session-4", "allowConflicts": True},
    },
}

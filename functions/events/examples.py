"""Example bodies of the API's document; every one is to be answered as it stands.

All of them lie ahead and none overlaps another that consults the same people. What older clients
send stays among them: one id where several are meant, numbers for text, other spellings.
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
        "one id where several are meant": {
            "sessionId": "session-2",
            "title": "Career coaching",
            "startTime": "2030-03-05T11:00:00Z",
            "endTime": "2030-03-05T12:00:00Z",
            "owner": "COACHEE",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "numbers for ids": {
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
        "group session of numbers and texts": {
            "sessionId": "group-1",
            "title": "Team workshop",
            "startTime": "2030-03-06T09:00:00Z",
            "endTime": "2030-03-06T12:00:00Z",
            "owner": "ADMIN",
            "adminId": 9,
            "coachId": 7,
            "learnerId": ["a", 2, "learner-1"],
        },
        "instants with an offset": {
            "sessionId": "session-3",
            "title": "Interview practice",
            "startTime": "2030-03-07T14:30:00+05:30",
            "endTime": "2030-03-07T15:30:00+05:30",
            "timezone": "Asia/Kolkata",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "instants without an offset are UTC": {
            "sessionId": "session-4",
            "title": "Interview practice",
            "startTime": "2030-03-08T09:00:00",
            "endTime": "2030-03-08T10:00:00",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
        },
        "owner in small letters, nothing for a link or a place, fields of others": {
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
        "title and place": {
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
        "no link any more, of this version only": {
            "sessionId": "session-1",
            "sessionLink": None,
            "expectedVersion": 3,
        },
    },
    "cancelEvent": {
        "by id": {"sessionId": "session-1"},
        "by number": {"sessionId": 101},
    },
    "approveEvent": {
        "by id": {"sessionId": "session-2"},
        "by number": {"sessionId": 101},
        "in spite of conflicts": {"sessionId": "session-4", "allowConflicts": True},
    },
}

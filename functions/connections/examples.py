"""Example request bodies for the OpenAPI document. Every secret in them is made up."""

from collections.abc import Mapping
from typing import Any

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "connectApple": {
        "iCloud": {"username": "ada@example.org", "password": "abcd-efgh-ijkl-mnop"},
        "another CalDAV server": {
            "username": "ada",
            "password": "correct horse battery staple",
            "serverUrl": "https://caldav.example.org/dav/",
        },
    },
    "completeConnection": {
        "the code of the redirect": {"completion": "Zm9yLXRoZS11c2VyLXdoby1zdGFydGVk"},
    },
    "autoProvisionConnection": {
        "provider in upper case": {
            "userId": 7,
            "provider": "GOOGLE",
            "email": "ada@example.org",
            "accessToken": "example-access-token",
            "refreshToken": "example-refresh-token",
            "tokenExpiresAt": "2030-03-05T10:00:00Z",
            "calendarId": "primary",
            "calendarName": "Ada",
        },
        "provider in lower case": {
            "userId": "coach-1",
            "provider": "google",
            "email": "coach@example.org",
            "accessToken": "example-access-token",
            "refreshToken": None,
            "tokenExpiresAt": None,
            "calendarId": "primary",
            "calendarName": None,
        },
        "Microsoft, an instant without an offset": {
            "userId": "learner-1",
            "provider": "OUTLOOK",
            "email": "learner@example.org",
            "accessToken": "example-access-token",
            "refreshToken": "example-refresh-token",
            "tokenExpiresAt": "2030-03-05T10:00:00",
            "calendarId": "AAMkAGI2TG93AAA=",
            "calendarName": "Calendar",
        },
    },
}

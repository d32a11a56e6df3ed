"""A reply that SES has received, for the payload of the function that records replies."""

from uuid import NAMESPACE_URL, uuid5

from functions.events.examples import EXAMPLES
from infra.openapi.examples import EXAMPLE_NOW

MESSAGE_ID = uuid5(NAMESPACE_URL, "https://calendar.example.com/received").hex
REPLY_ADDRESS = "rsvp+000102030405060708090a0b0c0d0e0f@rsvp.sessions.example"

_SESSION = EXAMPLES["createEvent"]["coaching session"]["sessionId"]

REPLY = f"""\
From: Learner <learner@example.org>
To: {REPLY_ADDRESS}
Subject: Accepted: Coaching
MIME-Version: 1.0
Content-Type: text/calendar; charset="UTF-8"; method=REPLY

BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:{_SESSION}@sessions.example
DTSTAMP:{EXAMPLE_NOW:%Y%m%dT%H%M%SZ}
SEQUENCE:0
ATTENDEE;PARTSTAT=ACCEPTED:mailto:learner@example.org
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n").encode()
"""The stored mail. No invitation has its address, so it is a forged one."""

"""A Google that keeps state: its authorization server and its Calendar API, on loopback.

`python -m infra.local.simulators.google --port 8091` runs it as a program. Besides what every
simulator's `/_control/` offers: `POST expire_tokens` ends all access tokens; `POST end_grant`
{"email"} ends an account's grant; `POST grant` {"email", "scopes": [...]} hands out tokens without
a browser; `GET mails` lists the mails Google would have sent to guests. The fault kind
`empty_page` makes events.list answer a page without items that has a next one.
"""

import contextlib
from collections.abc import Iterator, Sequence

from infra.local.simulators import google_calendar
from infra.local.simulators.common import Answer, Request, Route, json_answer
from infra.local.simulators.google_calendar import CalendarApi
from infra.local.simulators.google_errors import error_body
from infra.local.simulators.google_listing import Calendar
from infra.local.simulators.google_oauth import LIFETIME_SECONDS, Authorization
from infra.local.simulators.serving import run, serving
from infra.local.simulators.simulator import CONTROL, Simulator

CLIENT_ID = "local-google-client"
CLIENT_SECRET = "local-google-secret"  # noqa: S105 - opens nothing but this simulator
EMAILS = ("coach@gmail.example", "learner@gmail.example")
GUEST_SCOPES = ("openid", "https://www.googleapis.com/auth/calendar.events.owned")


class GoogleSimulator(Simulator):
    """Google, for one client of it."""

    own_faults = frozenset({"empty_page"})

    def __init__(self, *, client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET) -> None:
        super().__init__()
        self.authorization = Authorization(client_id, client_secret, list(EMAILS))
        self.api = CalendarApi(self.authorization)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that lead the service here; the client's secret is `CLIENT_SECRET`."""
        return {
            "GOOGLE_CLIENT_ID": self.authorization.client_id,
            "GOOGLE_AUTHORIZE_URL": f"{self.url}/o/oauth2/v2/auth",
            "GOOGLE_TOKEN_URL": f"{self.url}/token",
            "GOOGLE_REVOKE_URL": f"{self.url}/revoke",
            "GOOGLE_CALENDAR_URL": f"{self.url}{google_calendar.BASE}",
        }

    def calendar(self, email: str) -> Calendar:
        """Return the account's primary calendar, to look into or to change."""
        return self.api.calendar(email)

    def routes(self) -> Sequence[Route]:
        """Return every path of Google's that is simulated."""
        return (
            Route("POST", f"{CONTROL}expire_tokens", self._expire_tokens),
            Route("POST", f"{CONTROL}end_grant", self._end_grant),
            Route("POST", f"{CONTROL}grant", self._grant),
            Route("GET", f"{CONTROL}mails", lambda _: json_answer(self.api.mails)),
            *self.authorization.routes(),
            *self.api.routes(),
        )

    def clear(self) -> None:
        """Go back to the first accounts, with empty calendars and no tokens."""
        self.authorization.clear(EMAILS)
        self.api.calendars.clear()
        self.api.mails.clear()

    def unknown(self, request: Request) -> Answer:
        """Answer as Google does on a path it does not have."""
        return json_answer(error_body(404, "notFound", f"No {request.path}"), status=404)

    def _expire_tokens(self, _: Request) -> Answer:
        self.authorization.expire_access_tokens()
        return Answer(status=204)

    def _end_grant(self, request: Request) -> Answer:
        self.authorization.end_grant(request.json["email"])
        return Answer(status=204)

    def _grant(self, request: Request) -> Answer:
        asked = request.json
        scopes = frozenset(asked.get("scopes", GUEST_SCOPES))
        access, refresh = self.authorization.grant(asked["email"], scopes)
        tokens = {"access_token": access, "refresh_token": refresh, "expires_in": LIFETIME_SECONDS}
        return json_answer(tokens)


@contextlib.contextmanager
def serve(port: int = 0) -> Iterator[GoogleSimulator]:
    """Serve a fresh Google on that loopback port (0: any free one) until the block ends."""
    with serving(GoogleSimulator(), port) as simulator:
        yield simulator


if __name__ == "__main__":
    run(GoogleSimulator(), name="Google")

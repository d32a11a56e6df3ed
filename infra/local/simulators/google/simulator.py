"""A simulator of Google's authorization server and Calendar API, on loopback, with state.

`python -m infra.local.simulators.google --port 8091` runs it as a program. In addition to the paths
of every simulator, `/_control/` has `POST expire_tokens` (expires all access tokens), `POST
end_grant` {"email"} (ends an account's grant), `POST grant` {"email", "scopes": [...]} (returns
tokens without a browser) and `GET mails` (the mails Google would have sent to guests). The fault
kind `empty_page` makes events.list return a page without items that has a next page.
"""

import contextlib
from collections.abc import Iterator, Sequence

from infra.local.simulators.google import calendar
from infra.local.simulators.google.calendar import CalendarApi
from infra.local.simulators.google.errors import error_body
from infra.local.simulators.google.listing import Calendar
from infra.local.simulators.google.oauth import LIFETIME_SECONDS, Authorization
from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)
from infra.local.simulators.serving import serving
from infra.local.simulators.simulator import CONTROL, Simulator

CLIENT_ID = "local-google-client"
CLIENT_SECRET = "local-google-secret"  # noqa: S105 - valid for this simulator only
EMAILS = ("coach@gmail.example", "learner@gmail.example")
GUEST_SCOPES = ("openid", "https://www.googleapis.com/auth/calendar.events.owned")


class GoogleSimulator(Simulator):
    """Google, for one OAuth client."""

    own_faults = frozenset({"empty_page"})

    def __init__(self, *, client_id: str = CLIENT_ID, client_secret: str = CLIENT_SECRET) -> None:
        super().__init__()
        self.authorization = Authorization(client_id, client_secret, list(EMAILS))
        self.api = CalendarApi(self.authorization)

    @property
    def environment(self) -> dict[str, str]:
        """The settings that point the service here; the client secret is `CLIENT_SECRET`."""
        return {
            "GOOGLE_CLIENT_ID": self.authorization.client_id,
            "GOOGLE_AUTHORIZE_URL": f"{self.url}/o/oauth2/v2/auth",
            "GOOGLE_TOKEN_URL": f"{self.url}/token",
            "GOOGLE_REVOKE_URL": f"{self.url}/revoke",
            "GOOGLE_USERINFO_URL": f"{self.url}/v1/userinfo",
            "GOOGLE_CALENDAR_URL": f"{self.url}{calendar.BASE}",
        }

    def calendar(self, email: str) -> Calendar:
        """Return the account's primary calendar."""
        return self.api.calendar(email)

    def routes(self) -> Sequence[SimulatorRoute]:
        """Return the simulated paths."""
        return (
            SimulatorRoute("POST", f"{CONTROL}expire_tokens", self._expire_tokens),
            SimulatorRoute("POST", f"{CONTROL}end_grant", self._end_grant),
            SimulatorRoute("POST", f"{CONTROL}grant", self._grant),
            SimulatorRoute("GET", f"{CONTROL}mails", lambda _: json_response(self.api.mails)),
            *self.authorization.routes(),
            *self.api.routes(),
        )

    def clear(self) -> None:
        """Restore the initial accounts, with empty calendars and no tokens."""
        self.authorization.clear(EMAILS)
        self.api.calendars.clear()
        self.api.mails.clear()

    def unknown(self, request: SimulatedRequest) -> SimulatedResponse:
        """Return Google's response to an unknown path."""
        return json_response(error_body(404, "notFound", f"No {request.path}"), status=404)

    def _expire_tokens(self, _: SimulatedRequest) -> SimulatedResponse:
        self.authorization.expire_access_tokens()
        return SimulatedResponse(status=204)

    def _end_grant(self, request: SimulatedRequest) -> SimulatedResponse:
        self.authorization.end_grant(request.json["email"])
        return SimulatedResponse(status=204)

    def _grant(self, request: SimulatedRequest) -> SimulatedResponse:
        body = request.json
        scopes = frozenset(body.get("scopes", GUEST_SCOPES))
        access, refresh = self.authorization.grant(body["email"], scopes)
        tokens = {"access_token": access, "refresh_token": refresh, "expires_in": LIFETIME_SECONDS}
        return json_response(tokens)


@contextlib.contextmanager
def serve(port: int = 0) -> Iterator[GoogleSimulator]:
    """Serve a new Google on that loopback port (0: any free one) until the block ends."""
    with serving(GoogleSimulator(), port) as simulator:
        yield simulator

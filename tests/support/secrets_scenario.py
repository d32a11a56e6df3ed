"""Users who connect calendars, book, lose access and disconnect, with a secret in every step."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.local.provider_servers import SECRETS
from infra.local.simulators import google, microsoft
from tests.support.recorded_service import ServiceRecorder

PAGE = "https://app.example/calendars"
DAY = "2031-03-03"
GOOGLE_EMAIL, MICROSOFT_EMAIL = google.EMAILS[0], microsoft.EMAILS[0]
TOKENS = {"google": "/token", "outlook": "*/token"}
CALENDARS = {"google": "/calendar/*", "outlook": "/v1.0/me/*"}


class SecretsScenario:
    """The steps of the users, while every provider request fails once."""

    def __init__(self, recorder: ServiceRecorder, client: httpx.Client) -> None:
        self.recorder = recorder
        self.run = recorder.run
        self.client = client
        self.coach = recorder.token("coach-1", "Coach", email="c@example.com")
        self.learner = recorder.token("learner-1", "Learner")
        self.peers = {"google": self.run.servers.google, "outlook": self.run.servers.microsoft}
        self.statuses: list[int] = []

    def call(self, status: int, method: str, path: str, bearer: str = "", **sent: Any) -> Any:
        """Send a request and check the status; return `data` or `error` of the response."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        response = self.client.request(method, path, headers=headers, **sent)
        assert status == response.status_code, f"{method} {path}: {response.text}"
        self.statuses.append(status)
        self.recorder.record_state()
        payload = response.json() if response.text else {"data": None}
        return payload.get("data", payload.get("error"))

    def consent(
        self, bearer: str, provider: str, *, auto: str = "allow", **query: str
    ) -> httpx.URL:
        """Open the provider's page and decide; return the redirect to the callback."""
        start = self.call(200, "GET", f"/api/v1/auth/{provider}", bearer, params=query)
        email = GOOGLE_EMAIL if provider == "google" else MICROSOFT_EMAIL
        url = httpx.URL(start["authorizationUrl"])
        with httpx.Client(trust_env=False) as browser:
            response = browser.get(url.copy_merge_params({"auto": auto, "login_hint": email}))
        self.recorder.record_state()
        return httpx.URL(response.headers["location"])

    def follow(self, status: int, location: httpx.URL, **changes: str) -> Any:
        """Follow the redirect to the callback, with changed parameters."""
        return self.call(status, "GET", str(location.copy_merge_params(changes)))

    def run_all(self) -> None:
        """Run every step."""
        self.reject_invalid_tokens()
        self.fail_without_client_secret()
        self.connect_caldav()
        for provider, bearer in (("google", self.coach), ("outlook", self.learner)):
            self.connect(provider, bearer)
        self.confirm("google", self.coach, self.learner)
        self.confirm("outlook", self.learner, self.coach)
        self.provision()
        self.book()
        self.lose_access()
        self.refresh()
        self.disconnect()

    def reject_invalid_tokens(self) -> None:
        tampered = f"{self.coach[:-4]}AAAA"
        expired = self.recorder.token("coach-1", "Coach", exp=1)
        self.recorder.secrets["bearer token"].add(tampered)
        for bearer in (tampered, expired, self.recorder.secret("bearer token")):
            self.call(401, "GET", "/api/v1/connections", bearer)

    def fail_without_client_secret(self) -> None:
        """Delete the client secret, so that redeeming a code fails with 500."""
        manager = self.recorder.client("secretsmanager")
        name, value = SECRETS["MICROSOFT_CLIENT_SECRET_ID"]
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        self.follow(500, self.consent(self.learner, "outlook"))
        manager.create_secret(Name=name, SecretString=value)

    def connect_caldav(self) -> None:
        caldav, path = self.run.servers.caldav, "/api/v1/auth/apple/connect"
        account = {"serverUrl": caldav.url, "username": caldav.username}
        url_password = self.recorder.secret("password")
        with_password = caldav.url.replace("://", f"://{caldav.username}:{url_password}@")
        for body in (
            {**account, "password": self.recorder.secret("password")},
            {**account, "password": [self.recorder.secret("password")]},
            {**account, "password": self.recorder.secret("password") * 20},
            {**account, "password": self.recorder.secret("password"), "username": "a\nb"},
            {**account, "password": self.recorder.secret("password"), "serverUrl": "https://["},
            {**account, "password": "x", "serverUrl": with_password},
        ):
            self.call(400, "POST", path, self.coach, json=body)
        malformed = f'{{"password": "{self.recorder.secret("password")}'
        self.call(400, "POST", path, self.coach, content=malformed)
        body = {**account, "password": caldav.password}
        self.call(201, "POST", path, self.coach, json=body)

    def connect(self, provider: str, bearer: str) -> None:
        self.follow(400, self.consent(bearer, provider, auto="deny"))
        self.follow(302, self.consent(bearer, provider, auto="deny", redirectUri=PAGE))
        unknown_code = {"code": self.recorder.secret("code")}
        self.follow(400, self.consent(bearer, provider), **unknown_code)
        self.follow(302, self.consent(bearer, provider, redirectUri=PAGE), **unknown_code)
        location = self.consent(bearer, provider)
        self.follow(400, location, state=self.recorder.secret("state"))
        for fault in (
            {"status": 503, "body": self.all_tokens()},
            {"kind": "drop_after"},
            {"kind": "truncate"},
            {
                "status": 400,
                "body": {"error": "invalid_client", "error_description": self.all_tokens()},
            },
        ):
            location = self.consent(bearer, provider)
            self.peers[provider].break_next(fault, path=TOKENS[provider])
            self.follow(502, location)
        location = self.consent(bearer, provider)
        error = {"error": "invalid_grant", "error_description": f"{location} {self.all_tokens()}"}
        self.peers[provider].break_next({"status": 400, "body": error}, path=TOKENS[provider])
        self.follow(400, location)
        location = self.consent(bearer, provider)
        self.follow(200, location)
        self.follow(400, location)
        self.follow(302, self.consent(bearer, provider, redirectUri=PAGE))

    def confirm(self, provider: str, bearer: str, other: str) -> None:
        """Consent in a browser without the cookie, and finish with the completion code."""
        path = f"/api/v1/auth/{provider}/complete"
        for first, status in ((other, 400), (bearer, 200)):
            code = self.completion_code(provider, bearer)
            self.call(status, "POST", path, first, json={"completion": code})
            self.call(400, "POST", path, bearer, json={"completion": code})
        for malformed in (self.recorder.secret("completion code") * 9, ["x"]):
            self.call(400, "POST", path, bearer, json={"completion": malformed})

    def completion_code(self, provider: str, bearer: str) -> str:
        location = self.consent(bearer, provider, redirectUri=PAGE)
        self.client.cookies.clear()
        response = self.client.get(location)
        self.statuses.append(response.status_code)
        self.recorder.record_state()
        assert response.next_request
        return response.next_request.url.params["completion"]

    def provision(self) -> None:
        scope, path = "connections:provision", "/api/v1/connections/auto-provision"
        bearer = self.recorder.token("auth-service", scope=scope)
        fields = {
            "userId": "coach-9",
            "provider": "google",
            "email": "provisioned@gmail.example",
            "accessToken": self.recorder.secret("access token"),
            "refreshToken": self.recorder.secret("refresh token"),
        }
        self.call(403, "POST", path, self.coach, json=fields)
        self.call(201, "POST", path, bearer, json=fields)  # with a grant that has ended
        self.call(400, "POST", path, bearer, json={**fields, "tokenExpiresAt": "soon"})
        long = self.recorder.secret("access token") * 500
        self.call(400, "POST", path, bearer, json={**fields, "accessToken": long})
        self.call(200, "POST", path, bearer, json={**fields, "calendarId": "primary"})

    def book(self) -> None:
        body = {
            "sessionId": "s-1",
            "title": "Coaching",
            "startTime": f"{DAY}T10:00:00Z",
            "endTime": f"{DAY}T11:00:00Z",
            "owner": "COACH",
            "coachId": "coach-1",
            "learnerId": "learner-1",
            "autoApproval": True,
        }
        slots = {"date": DAY, "role": "Coach", "coachId": "coach-1", "learnerId": "learner-1"}
        self.call(200, "GET", "/api/v1/available-slots", self.coach, params=slots)
        self.call(201, "POST", "/api/v1/events", self.coach, json=body)
        self.wait_until_idle(["SYNCED"] * 3)
        self.call(200, "GET", "/api/v1/events", self.coach, params={"date": DAY})

    def lose_access(self) -> None:
        """Tokens expire early, and calendars quote them in their errors."""
        self.run.servers.google.authorization.expire_access_tokens()
        self.run.servers.microsoft.sign_ins.expire_access_tokens()
        self.call(200, "GET", "/api/v1/events", self.learner, params={"date": DAY})
        self.rename_session("A new title")
        self.wait_until_idle(["SYNCED"] * 3)
        for status in (401, 403, 400, 500):
            self.fail_quoting_tokens(status)
            self.call(200, "GET", "/api/v1/events", self.coach, params={"date": DAY})
            self.call(200, "GET", "/api/v1/events", self.learner, params={"date": DAY})
            self.fail_quoting_tokens(status)
            self.rename_session(f"After {status}")
            self.wait_until_idle()
        self.call(200, "GET", "/api/v1/connections", self.coach)

    def refresh(self) -> None:
        """The scheduled refresh meets every fault, and finally the end of both grants."""
        self.clear_faults()
        self.set_clock(hours=2)
        self.follow(200, self.consent(self.coach, "google"))
        self.follow(200, self.consent(self.learner, "outlook"))
        self.set_clock(hours=3)
        for fault in ({"status": 503, "body": self.all_tokens()}, {"kind": "truncate"}):
            for provider, path in TOKENS.items():
                self.peers[provider].break_next(fault, path=path, times=2)
            assert "later" in self.call(200, "POST", "/_local/refresh")
            self.clear_faults()
        error = {"error": "invalid_client", "error_description": self.all_tokens()}
        for provider, path in TOKENS.items():
            self.peers[provider].break_next({"status": 401, "body": error}, path=path, times=3)
        assert "misconfigured" in self.call(200, "POST", "/_local/refresh")
        self.clear_faults()
        assert self.call(200, "POST", "/_local/refresh")["refreshed"] >= 2
        self.set_clock(hours=5)
        ended = {"error": "invalid_grant", "error_description": self.all_tokens()}
        for provider, path in TOKENS.items():
            self.peers[provider].break_next({"status": 400, "body": ended}, path=path, times=3)
        assert self.call(200, "POST", "/_local/refresh")["reconnect_required"] >= 2
        self.call(200, "GET", "/api/v1/connections", self.learner)

    def disconnect(self) -> None:
        self.peers["google"].break_next({"status": 503, "body": self.all_tokens()}, path="/revoke")
        for bearer in (self.coach, self.learner):
            for each in self.call(200, "GET", "/api/v1/connections", bearer):
                self.call(200, "DELETE", f"/api/v1/connections/{each['id']}", bearer)

    def clear_faults(self) -> None:
        """Make the providers work again."""
        for peer in self.peers.values():
            with peer.lock:
                peer._faults.clear()

    def set_clock(self, *, hours: float) -> None:
        now = datetime.now(UTC) + timedelta(hours=hours)
        self.call(200, "POST", "/_local/clock", json={"now": now.isoformat()})

    def rename_session(self, title: str) -> None:
        body = {"sessionId": "s-1", "title": title}
        self.call(200, "PUT", "/api/v1/events", self.coach, json=body)

    def wait_until_idle(self, states: list[str] | None = None) -> None:
        self.run.wait_until_idle()
        event = self.call(200, "GET", "/api/v1/events/s-1", self.coach)
        assert states is None or states == [each["state"] for each in event["sync"]]

    def fail_quoting_tokens(self, status: int) -> None:
        for provider, path in CALENDARS.items():
            error = {
                "code": self.all_tokens(),
                "status": self.all_tokens(),
                "message": self.all_tokens(),
            }
            body = {
                "error": {
                    **error,
                    "errors": [{"reason": self.all_tokens(), "message": self.all_tokens()}],
                }
            }
            self.peers[provider].break_next({"status": status, "body": body}, path=path)

    def all_tokens(self) -> str:
        """Return every token, as a careless provider might quote them in an error."""
        kinds = ("access token", "refresh token")
        return " ".join(token for kind in kinds for token in self.tokens(kind))

    def tokens(self, kind: str) -> list[str]:
        return sorted(self.recorder.secrets[kind])

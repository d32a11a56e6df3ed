"""What people do who connect, book, lose access and go, with a secret in every step."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from infra.local.elsewhere import SECRETS
from infra.local.simulators import google, microsoft
from tests.support.secrets_watch import Watch

PAGE = "https://app.example/calendars"
DAY = "2031-03-03"
GOOGLE_EMAIL, MICROSOFT_EMAIL = google.EMAILS[0], microsoft.EMAILS[0]
TOKENS = {"google": "/token", "outlook": "*/token"}
CALENDARS = {"google": "/calendar/*", "outlook": "/v1.0/me/*"}


class Story:
    """People who connect, book, lose access and go, while everything fails once."""

    def __init__(self, watch: Watch, client: httpx.Client) -> None:
        self.watch = watch
        self.run = watch.run
        self.client = client
        self.coach = watch.token("coach-1", "Coach", email="c@example.com")
        self.learner = watch.token("learner-1", "Learner")
        self.peers = {"google": self.run.elsewhere.google, "outlook": self.run.elsewhere.microsoft}
        self.statuses: list[int] = []

    def ask(self, status: int, method: str, path: str, bearer: str = "", **sent: Any) -> Any:
        """Send a request, which must be answered so; return the data or the error."""
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        answer = self.client.request(method, path, headers=headers, **sent)
        assert status == answer.status_code, f"{method} {path}: {answer.text}"
        self.statuses.append(status)
        self.watch.look()
        told = answer.json() if answer.text else {"data": None}
        return told.get("data", told.get("error"))

    def consent(
        self, bearer: str, provider: str, *, auto: str = "allow", **query: str
    ) -> httpx.URL:
        """Go to the provider's page and decide; return where the browser is sent."""
        start = self.ask(200, "GET", f"/api/v1/auth/{provider}", bearer, params=query)
        email = GOOGLE_EMAIL if provider == "google" else MICROSOFT_EMAIL
        url = httpx.URL(start["authorizationUrl"])
        with httpx.Client(trust_env=False) as browser:
            back = browser.get(url.copy_merge_params({"auto": auto, "login_hint": email}))
        self.watch.look()
        return httpx.URL(back.headers["location"])

    def come_back(self, status: int, location: httpx.URL, **changes: str) -> Any:
        """Follow the redirect, with some of it changed."""
        return self.ask(status, "GET", str(location.copy_merge_params(changes)))

    def play(self) -> None:
        """Do everything."""
        self.refuse_strangers()
        self.lose_a_client_secret()
        self.connect_caldav()
        for provider, bearer in (("google", self.coach), ("outlook", self.learner)):
            self.connect(provider, bearer)
        self.provision()
        self.book()
        self.lose_access()
        self.refresh()
        self.leave()

    def refuse_strangers(self) -> None:
        spoilt = f"{self.coach[:-4]}AAAA"
        expired = self.watch.token("coach-1", "Coach", exp=1)
        self.watch.secrets["bearer token"].add(spoilt)
        for bearer in (spoilt, expired, self.watch.secret("bearer token")):
            self.ask(401, "GET", "/api/v1/connections", bearer)

    def lose_a_client_secret(self) -> None:
        """A failure nobody expects, in the middle of redeeming a code."""
        manager = self.watch.client("secretsmanager")
        name, value = SECRETS["MICROSOFT_CLIENT_SECRET_ID"]
        manager.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        self.come_back(500, self.consent(self.learner, "outlook"))
        manager.create_secret(Name=name, SecretString=value)

    def connect_caldav(self) -> None:
        caldav, path = self.run.elsewhere.caldav, "/api/v1/auth/apple/connect"
        account = {"serverUrl": caldav.url, "username": caldav.username}
        inside = self.watch.secret("password")
        with_password = caldav.url.replace("://", f"://{caldav.username}:{inside}@")
        for body in (
            {**account, "password": self.watch.secret("password")},
            {**account, "password": [self.watch.secret("password")]},
            {**account, "password": self.watch.secret("password") * 20},
            {**account, "password": self.watch.secret("password"), "username": "a\nb"},
            {**account, "password": self.watch.secret("password"), "serverUrl": "https://["},
            {**account, "password": "x", "serverUrl": with_password},
        ):
            self.ask(400, "POST", path, self.coach, json=body)
        torn = f'{{"password": "{self.watch.secret("password")}'
        self.ask(400, "POST", path, self.coach, content=torn)
        body = {**account, "password": caldav.password}
        self.ask(201, "POST", path, self.coach, json=body)

    def connect(self, provider: str, bearer: str) -> None:
        self.come_back(400, self.consent(bearer, provider, auto="deny"))
        self.come_back(302, self.consent(bearer, provider, auto="deny", redirectUri=PAGE))
        made_up = {"code": self.watch.secret("code")}
        self.come_back(400, self.consent(bearer, provider), **made_up)
        self.come_back(302, self.consent(bearer, provider, redirectUri=PAGE), **made_up)
        location = self.consent(bearer, provider)
        self.come_back(400, location, state=self.watch.secret("state"))
        for fault in (
            {"status": 503, "body": self.echo()},
            {"kind": "drop_after"},
            {"kind": "truncate"},
            {"status": 400, "body": {"error": "invalid_client", "error_description": self.echo()}},
        ):
            location = self.consent(bearer, provider)
            self.peers[provider].break_next(fault, path=TOKENS[provider])
            self.come_back(502, location)
        location = self.consent(bearer, provider)
        told = {"error": "invalid_grant", "error_description": f"{location} {self.echo()}"}
        self.peers[provider].break_next({"status": 400, "body": told}, path=TOKENS[provider])
        self.come_back(400, location)
        location = self.consent(bearer, provider)
        self.come_back(200, location)
        self.come_back(400, location)
        self.come_back(302, self.consent(bearer, provider, redirectUri=PAGE))

    def provision(self) -> None:
        scope, path = "connections:provision", "/api/v1/connections/auto-provision"
        bearer = self.watch.token("auth-service", scope=scope)
        handed = {
            "userId": "coach-9",
            "provider": "google",
            "email": "handed-over@gmail.example",
            "accessToken": self.watch.secret("access token"),
            "refreshToken": self.watch.secret("refresh token"),
        }
        self.ask(403, "POST", path, self.coach, json=handed)
        self.ask(400, "POST", path, bearer, json=handed)
        self.ask(400, "POST", path, bearer, json={**handed, "tokenExpiresAt": "soon"})
        long = self.watch.secret("access token") * 500
        self.ask(400, "POST", path, bearer, json={**handed, "accessToken": long})
        self.ask(201, "POST", path, bearer, json={**handed, "calendarId": "primary"})

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
        self.ask(200, "GET", "/api/v1/available-slots", self.coach, params=slots)
        self.ask(201, "POST", "/api/v1/events", self.coach, json=body)
        self.settled(["SYNCED"] * 3)
        self.ask(200, "GET", "/api/v1/events", self.coach, params={"date": DAY})

    def lose_access(self) -> None:
        """Tokens end early, and calendars quote them in what they answer."""
        self.run.elsewhere.google.authorization.expire_access_tokens()
        self.run.elsewhere.microsoft.sign_ins.expire_access_tokens()
        self.ask(200, "GET", "/api/v1/events", self.learner, params={"date": DAY})
        self.change("A new title")
        self.settled(["SYNCED"] * 3)
        for status in (401, 403, 400, 500):
            self.quote(status)
            self.ask(200, "GET", "/api/v1/events", self.coach, params={"date": DAY})
            self.ask(200, "GET", "/api/v1/events", self.learner, params={"date": DAY})
            self.quote(status)
            self.change(f"After {status}")
            self.settled()
        self.ask(200, "GET", "/api/v1/connections", self.coach)

    def refresh(self) -> None:
        """The schedule meets every fault, and at last the end of both grants."""
        self.calm()
        self.clock(hours=2)
        self.come_back(200, self.consent(self.coach, "google"))
        self.come_back(200, self.consent(self.learner, "outlook"))
        self.clock(hours=3)
        for fault in ({"status": 503, "body": self.echo()}, {"kind": "truncate"}):
            for provider, path in TOKENS.items():
                self.peers[provider].break_next(fault, path=path, times=2)
            assert "later" in self.ask(200, "POST", "/_local/refresh")
        told = {"error": "invalid_client", "error_description": self.echo()}
        for provider, path in TOKENS.items():
            self.peers[provider].break_next({"status": 401, "body": told}, path=path, times=3)
        assert "misconfigured" in self.ask(200, "POST", "/_local/refresh")
        self.calm()
        assert self.ask(200, "POST", "/_local/refresh")["refreshed"] >= 2
        self.clock(hours=5)
        ended = {"error": "invalid_grant", "error_description": self.echo()}
        for provider, path in TOKENS.items():
            self.peers[provider].break_next({"status": 400, "body": ended}, path=path, times=3)
        assert self.ask(200, "POST", "/_local/refresh")["reconnect_required"] >= 2
        self.ask(200, "GET", "/api/v1/connections", self.learner)

    def leave(self) -> None:
        self.peers["google"].break_next({"status": 503, "body": self.echo()}, path="/revoke")
        for bearer in (self.coach, self.learner):
            for each in self.ask(200, "GET", "/api/v1/connections", bearer):
                self.ask(200, "DELETE", f"/api/v1/connections/{each['id']}", bearer)

    def calm(self) -> None:
        """Let the providers work again."""
        for peer in self.peers.values():
            with peer.lock:
                peer._faults.clear()

    def clock(self, *, hours: float) -> None:
        now = datetime.now(UTC) + timedelta(hours=hours)
        self.ask(200, "POST", "/_local/clock", json={"now": now.isoformat()})

    def change(self, title: str) -> None:
        body = {"sessionId": "s-1", "title": title}
        self.ask(200, "PUT", "/api/v1/events", self.coach, json=body)

    def settled(self, states: list[str] | None = None) -> None:
        self.run.settle()
        event = self.ask(200, "GET", "/api/v1/events/s-1", self.coach)
        assert states is None or states == [each["state"] for each in event["sync"]]

    def quote(self, status: int) -> None:
        for provider, path in CALENDARS.items():
            told = {"code": self.echo(), "status": self.echo(), "message": self.echo()}
            body = {"error": {**told, "errors": [{"reason": self.echo(), "message": self.echo()}]}}
            self.peers[provider].break_next({"status": status, "body": body}, path=path)

    def echo(self) -> str:
        """Return every token there is, as a careless provider might quote them in an error."""
        told = (each for kind in ("access token", "refresh token") for each in self.tokens(kind))
        return " ".join(told)

    def tokens(self, kind: str) -> list[str]:
        return sorted(self.watch.secrets[kind])

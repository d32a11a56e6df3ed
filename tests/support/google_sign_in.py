"""Signing in with Google: our side, the simulated Google and the user's browser."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from infra.local.simulators import google
from shared.ports import SignIn
from shared.providers.google.oauth import CALENDAR_SCOPE, GoogleClient, GoogleOAuth, GoogleUrls
from shared.providers.http import Http
from tests.support.google_peer import EMAIL

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
REDIRECT = "https://api.example/api/v1/auth/google/callback"
VERIFIER = "verifier-" + "v" * 43
NONCE = "nonce-1"


@dataclass
class Flow:
    """One sign-in: our side, the simulated Google and the user's browser."""

    oauth: GoogleOAuth
    google: google.GoogleSimulator

    def url(self) -> str:
        challenge = hashlib.sha256(VERIFIER.encode()).digest()
        return self.oauth.authorization_url(
            state="state-1",
            code_challenge=base64.urlsafe_b64encode(challenge).decode().rstrip("="),
            nonce=NONCE,
            redirect_uri=REDIRECT,
        )

    def returned(self, **answer: str) -> dict[str, str]:
        """Let the user answer the consent page and return what the redirect carries."""
        chosen = {"auto": "allow", "login_hint": EMAIL, **answer}
        sent_back = httpx.get(self.url() + "&" + str(httpx.QueryParams(chosen)))
        assert sent_back.headers["location"].startswith(REDIRECT + "?")
        return dict(parse_qsl(urlsplit(sent_back.headers["location"]).query))

    def exchange(self, code: str, **changes: Any) -> SignIn:
        asked = {"code_verifier": VERIFIER, "nonce": NONCE, "redirect_uri": REDIRECT, "now": NOW}
        return self.oauth.exchange(code, **{**asked, **changes})

    def signed_in(self) -> SignIn:
        return self.exchange(self.returned()["code"])

    def refresh_token(self) -> str:
        token = self.signed_in().grant.refresh_token
        assert token is not None
        return token


def oauth_for(
    simulator: google.GoogleSimulator, http: Http, *, secret: str = google.CLIENT_SECRET
) -> GoogleOAuth:
    """Return our side of a sign-in with that Google."""
    where = simulator.environment
    urls = GoogleUrls(
        authorize=where["GOOGLE_AUTHORIZE_URL"],
        token=where["GOOGLE_TOKEN_URL"],
        revoke=where["GOOGLE_REVOKE_URL"],
        calendar=where["GOOGLE_CALENDAR_URL"],
    )
    client = GoogleClient(client_id=google.CLIENT_ID, client_secret=lambda: secret)
    return GoogleOAuth(client, urls, http=http)


def tokens(**changes: Any) -> dict[str, Any]:
    """What the token endpoint answers."""
    scope = f"openid https://www.googleapis.com/auth/userinfo.email {CALENDAR_SCOPE}"
    told = {"access_token": "ya29.x", "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
    return {**told, **changes}

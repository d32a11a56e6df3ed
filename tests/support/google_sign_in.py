"""Signing in with Google: this service's client, the Google simulator and the user's browser."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from infra.local.simulators import google
from shared.ports import SignIn
from shared.providers.google.oauth import CALENDAR_SCOPE, GoogleOAuth, GoogleOAuthClient, GoogleUrls
from shared.providers.http import HttpClient
from tests.support.google_test_server import EMAIL

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
REDIRECT = "https://api.example/api/v1/auth/google/callback"
VERIFIER = "verifier-" + "v" * 43
NONCE = "nonce-1"


@dataclass
class GoogleSignInFlow:
    """One sign-in: this service's client and the Google simulator."""

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

    def callback(self, **choices: str) -> dict[str, str]:
        """Submit the consent page and return the query of the redirect."""
        query = {"auto": "allow", "login_hint": EMAIL, **choices}
        response = httpx.get(self.url() + "&" + str(httpx.QueryParams(query)))
        assert response.headers["location"].startswith(REDIRECT + "?")
        return dict(parse_qsl(urlsplit(response.headers["location"]).query))

    def exchange(self, code: str, **changes: Any) -> SignIn:
        arguments = {
            "code_verifier": VERIFIER,
            "nonce": NONCE,
            "redirect_uri": REDIRECT,
            "now": NOW,
        }
        return self.oauth.exchange(code, **{**arguments, **changes})

    def sign_in(self) -> SignIn:
        return self.exchange(self.callback()["code"])

    def refresh_token(self) -> str:
        token = self.sign_in().grant.refresh_token
        assert token is not None
        return token


def oauth_for(
    simulator: google.GoogleSimulator, http: HttpClient, *, secret: str = google.CLIENT_SECRET
) -> GoogleOAuth:
    """Return this service's client for that simulator."""
    environment = simulator.environment
    urls = GoogleUrls(
        authorize=environment["GOOGLE_AUTHORIZE_URL"],
        token=environment["GOOGLE_TOKEN_URL"],
        revoke=environment["GOOGLE_REVOKE_URL"],
        userinfo=environment["GOOGLE_USERINFO_URL"],
        calendar=environment["GOOGLE_CALENDAR_URL"],
    )
    client = GoogleOAuthClient(client_id=google.CLIENT_ID, client_secret=lambda: secret)
    return GoogleOAuth(client, urls, http=http)


def tokens(**changes: Any) -> dict[str, Any]:
    """Return a response body of the token endpoint."""
    scope = f"openid https://www.googleapis.com/auth/userinfo.email {CALENDAR_SCOPE}"
    payload = {"access_token": "ya29.x", "expires_in": 3599, "scope": scope, "token_type": "Bearer"}
    return {**payload, **changes}

"""Signing in with Microsoft: this service's client, the simulator and the user's browser."""

import base64
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from infra.local.simulators import microsoft
from shared.ports import SignIn
from shared.providers.http import HttpClient
from shared.providers.microsoft.oauth import MicrosoftOAuth
from shared.providers.tls import tls_context
from tests.support.microsoft_test_server import EMAIL, RecordingTransport

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(seconds=3599)
REDIRECT = "https://calendar.example/api/v1/auth/outlook/callback"
VERIFIER = "v3rifier-" * 6
NONCE = "n0nce-of-this-sign-in"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()


@dataclass
class MicrosoftSignInFlow:
    """A Microsoft simulator and this service's client for it."""

    simulator: microsoft.MicrosoftSimulator
    oauth: MicrosoftOAuth
    transport: RecordingTransport
    http: HttpClient


@contextmanager
def microsoft_flow(*, secret: str = microsoft.CLIENT_SECRET) -> Iterator[MicrosoftSignInFlow]:
    """Run a new Microsoft simulator to sign in at."""
    with microsoft.serve() as simulator:
        transport = RecordingTransport(simulator.url)
        http = HttpClient(transport)
        try:
            oauth = MicrosoftOAuth(
                microsoft.CLIENT_ID,
                lambda: secret,
                authority=simulator.authority,
                graph_url=simulator.graph_url,
                http=http,
            )
            yield MicrosoftSignInFlow(simulator, oauth, transport, http)
        finally:
            http.close()


def authorization_url(flow: MicrosoftSignInFlow, *, nonce: str = NONCE) -> str:
    """Return the URL of the consent page."""
    return flow.oauth.authorization_url(
        state="st4te", code_challenge=CHALLENGE.rstrip("="), nonce=nonce, redirect_uri=REDIRECT
    )


def consent(flow: MicrosoftSignInFlow, *, nonce: str = NONCE, email: str = EMAIL) -> str:
    """Submit the consent page and return the code in the redirect."""
    url = f"{authorization_url(flow, nonce=nonce)}&auto=allow&login_hint={email}"
    response = httpx.get(url, verify=tls_context())
    values = dict(parse_qsl(urlsplit(response.headers["location"]).query))
    assert "st4te" == values["state"]
    return values["code"]


def exchange(flow: MicrosoftSignInFlow, code: str, **changes: str) -> SignIn:
    """Exchange the code; `changes` are values of another sign-in."""
    values: dict[str, Any] = {"code_verifier": VERIFIER, "nonce": NONCE, "redirect_uri": REDIRECT}
    return flow.oauth.exchange(code, now=NOW, **{**values, **changes})


def token_requests(flow: MicrosoftSignInFlow) -> list[dict[str, str]]:
    """Return the form of each request to the token endpoint."""
    return [
        dict(parse_qsl(each.request.content.decode()))
        for each in flow.transport.exchanges
        if each.request.url.path.endswith("/token")
    ]


def sign_in_error(code: int, error: str = "invalid_grant") -> dict[str, object]:
    """Return the simulator fault that responds with the authority's error of that code."""
    return {"kind": "aadsts", "code": code, "error": error}

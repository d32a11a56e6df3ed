"""Signing in with Microsoft: our side, the simulated authority and the user's browser."""

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
from shared.providers.http import Http
from shared.providers.microsoft.oauth import MicrosoftOAuth
from shared.providers.tls import tls_context
from tests.support.microsoft_peer import EMAIL, RecordingTransport

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
HOUR = timedelta(seconds=3599)
BACK = "https://calendar.example/api/v1/auth/outlook/callback"
VERIFIER = "v3rifier-" * 6
NONCE = "n0nce-of-this-sign-in"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode()


@dataclass
class SigningIn:
    """A Microsoft and this service's client for it."""

    simulator: microsoft.Microsoft
    oauth: MicrosoftOAuth
    transport: RecordingTransport
    web: Http


@contextmanager
def signing_in(*, secret: str = microsoft.CLIENT_SECRET) -> Iterator[SigningIn]:
    """Run a Microsoft of its own to sign in at."""
    with microsoft.serve() as simulator:
        transport = RecordingTransport(simulator.url)
        web = Http(transport)
        try:
            oauth = MicrosoftOAuth(
                microsoft.CLIENT_ID,
                lambda: secret,
                authority=simulator.authority,
                graph_url=simulator.graph_url,
                web=web,
            )
            yield SigningIn(simulator, oauth, transport, web)
        finally:
            web.close()


def departure(there: SigningIn, *, nonce: str = NONCE) -> str:
    """Return where a browser is sent to consent."""
    return there.oauth.authorization_url(
        state="st4te", code_challenge=CHALLENGE.rstrip("="), nonce=nonce, redirect_uri=BACK
    )


def consented(there: SigningIn, *, nonce: str = NONCE, email: str = EMAIL) -> str:
    """Return the code a browser brings back."""
    url = f"{departure(there, nonce=nonce)}&auto=allow&login_hint={email}"
    answer = httpx.get(url, verify=tls_context())
    told = dict(parse_qsl(urlsplit(answer.headers["location"]).query))
    assert "st4te" == told["state"]
    return told["code"]


def redeemed(there: SigningIn, code: str, **changes: str) -> SignIn:
    """Exchange the code; `changes` are what another sign-in would tell."""
    told: dict[str, Any] = {"code_verifier": VERIFIER, "nonce": NONCE, "redirect_uri": BACK}
    return there.oauth.exchange(code, now=NOW, **{**told, **changes})


def token_requests(there: SigningIn) -> list[dict[str, str]]:
    """Return what the token endpoint was told, request by request."""
    return [
        dict(parse_qsl(each.request.content.decode()))
        for each in there.transport.exchanges
        if each.request.url.path.endswith("/token")
    ]


def refused(code: int, error: str = "invalid_grant") -> dict[str, object]:
    """Return the fault that answers as the authority's error of that code."""
    return {"kind": "aadsts", "code": code, "error": error}

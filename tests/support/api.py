"""Calls the real handlers in this process as API Gateway would."""

import importlib
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import jwt

from infra.local.aws import AUDIENCE, HS256_SECRET, ISSUER
from infra.local.gateway import Request, match, payload

COACH, LEARNER, ADMIN = "Coach", "Learner", "Admin"


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response. `json` is the whole envelope; None without a body or for a page.

    `cookies` are the values of its Set-Cookie headers.
    """

    status: int
    json: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[str] = ()
    body: str = field(default="", repr=False)

    @property
    def data(self) -> Any:
        """The data of an envelope that must be a success."""
        assert self.json["success"] is True, self.json
        return self.json["data"]

    @property
    def lasting_headers(self) -> dict[str, str]:
        """The headers that another response to the same request has too: not the request's id."""
        return {name: value for name, value in self.headers.items() if name != "X-Request-Id"}

    @property
    def code(self) -> str:
        """The code of an envelope that must be an error."""
        assert self.json["success"] is False, self.json
        return str(self.json["error"]["code"])


@cache
def token(sub: Any, *roles: str, **claims: Any) -> str:
    """Return a bearer token, valid for an hour unless `claims` change that."""
    secret = claims.pop("secret", HS256_SECRET)
    algorithm = claims.pop("algorithm", "HS256")
    return jwt.encode(
        {
            "sub": sub,
            "roles": list(roles),
            "iss": ISSUER,
            "aud": AUDIENCE,
            "exp": int(time.time()) + 3600,
            **claims,
        },
        secret,
        algorithm=algorithm,
    )


def call(
    method: str,
    target: str,
    *,
    bearer: str | None = None,
    body: Any = None,
    raw: bytes | None = None,
    source_ip: str = "127.0.0.1",
    headers: Mapping[str, str] | None = None,
) -> ApiResponse:
    """Send one request to its route's handler. `body` is sent as JSON, `raw` unchanged."""
    sent_headers = [("Host", "calendar.test"), ("Content-Type", "application/json")]
    sent_headers += (headers or {}).items()
    if bearer is not None:
        sent_headers.append(("Authorization", f"Bearer {bearer}"))
    sent = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    request = Request(
        method=method, target=target, headers=sent_headers, body=sent, source_ip=source_ip
    )
    matched = match(method, target.partition("?")[0])
    handler = importlib.import_module(f"functions.{matched.function}.handler")
    response = handler.lambda_handler(
        payload(request, matched, now=datetime.now(UTC)),
        SimpleNamespace(aws_request_id="test", function_name=matched.function),
    )
    received_headers = response.get("headers") or {}
    is_json = received_headers.get("Content-Type", "").startswith("application/json")
    content = json.loads(response["body"]) if response.get("body") and is_json else None
    return ApiResponse(
        response["statusCode"],
        content,
        received_headers,
        tuple(response.get("cookies") or ()),
        response.get("body") or "",
    )

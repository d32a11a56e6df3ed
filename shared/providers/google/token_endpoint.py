"""Posting to Google's token and revocation endpoints, and what their errors mean (RFC 6749, 5.2).

google-auth would try again by itself, with pauses, and takes a 502 for final; so every answer is
judged here before it sees one.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from google.auth import transport

from shared.domain.errors import (
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.http import Answer, Deadline, Http

_OUR_FAULT = frozenset(
    {
        "invalid_client",
        "unauthorized_client",
        "deleted_client",
        "disabled_client",
        "redirect_uri_mismatch",
        "unsupported_grant_type",
        "org_internal",
    }
)
_FINAL = frozenset({"invalid_grant", "invalid_request", "invalid_token", "invalid_scope"})
_LONGEST_LIFETIME_SECONDS = 10 * 366 * 86_400
_GRANT_IS_GONE = frozenset({"invalid_grant", "invalid_token"})


class Refused(Exception):
    """The endpoint will not take the code or token; `code` is its error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def as_failure(self) -> ProviderFailure:
        """Return what that means of a refresh token that was good once."""
        if self.code in _GRANT_IS_GONE:
            return CredentialDead(
                f"Google's grant has ended ({self.code}); the calendar must be reconnected."
            )
        return ProviderMisconfigured(f"Google cannot read this service's request ({self.code}).")


class TokenEndpoint:
    """Posts forms; every failure is told by its type, and none quotes a token.

    Raises of every call:
        Refused: what was posted is no good.
        ProviderMisconfigured: Google refuses this service's own client id, secret or address.
        ProviderUnavailable: anything else.
    """

    def __init__(self, http: Http) -> None:
        self._http = http

    def post(self, url: str, form: Mapping[str, str], *, deadline: Deadline) -> Answer:
        """Return the answer to a form that was accepted."""
        answer = self._http.send(
            "POST",
            url,
            deadline=deadline,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
        )
        if answer.status != HTTPStatus.OK:
            raise _failure(answer)
        return answer

    def ask(self, url: str, form: Mapping[str, str], *, deadline: Deadline) -> dict[str, Any]:
        """Return the tokens of an answer: at least `access_token`, `expires_in` and `scope`."""
        return self.tokens(self.post(url, form, deadline=deadline))

    def tokens(self, answer: Answer) -> dict[str, Any]:
        """Return the tokens of an answer; one that has none cannot be told from a broken one."""
        try:
            told = answer.json()
            whole = (
                isinstance(told["access_token"], str)
                and bool(told["access_token"])
                and isinstance(told.get("scope", ""), str)
            )
            seconds = int(told["expires_in"])
        except (ValueError, KeyError, TypeError, OverflowError):
            raise _unreadable() from None
        if not whole or not 0 <= seconds <= _LONGEST_LIFETIME_SECONDS:
            raise _unreadable()
        return {**told, "expires_in": seconds}


class TokenRequest(transport.Request):
    """google-auth's way out: one request each, over this process's client."""

    def __init__(self, endpoint: TokenEndpoint, deadline: Deadline) -> None:
        self._endpoint = endpoint
        self._deadline = deadline

    def __call__(
        self,
        url: str,
        method: str = "GET",  # noqa: ARG002 - google-auth only ever posts to a token endpoint
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,  # noqa: ARG002 - they name google-auth's version
        timeout: float | None = None,  # noqa: ARG002 - the deadline bounds the call
        **_: Any,
    ) -> "TokenResponse":
        """Return an answer that holds tokens; anything else raises."""
        form = dict(parse_qsl((body or b"").decode(), keep_blank_values=True))
        answer = self._endpoint.post(url, form, deadline=self._deadline)
        self._endpoint.tokens(answer)
        return TokenResponse(answer)


class TokenResponse(transport.Response):
    """An answer as google-auth reads it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        """The status."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        return self._answer.headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._answer.body


def _failure(answer: Answer) -> Exception:
    """The error's code decides; without one, or with a new one, the fault may pass."""
    code = _code(answer)
    if code in _OUR_FAULT:
        return ProviderMisconfigured(
            f"Google refuses this service's client ({code}); check GOOGLE_CLIENT_ID, its secret "
            "and the redirect addresses registered for it."
        )
    if code in _FINAL and answer.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return Refused(str(code))
    return ProviderUnavailable(
        f"Google's token endpoint answered {answer.status}.",
        retry_after=answer.retry_after,
    )


def _code(answer: Answer) -> str | None:
    try:
        code = answer.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None


def _unreadable() -> ProviderUnavailable:
    return ProviderUnavailable("Google's token endpoint answered without tokens.")

"""Posts to Google's token and revocation endpoints and converts their errors (RFC 6749, 5.2).

google-auth retries by itself, with pauses, and treats a 502 as final. So every response is checked
here before google-auth sees it.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlencode

from google.auth import transport

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    CalendarServiceError,
    CodeRejected,
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.http import HttpClient, HttpResponse
from shared.providers.limits import Deadline

_MISCONFIGURED = frozenset(
    {
        "invalid_client",
        "deleted_client",
        "disabled_client",
        "redirect_uri_mismatch",
        "unsupported_grant_type",
        "org_internal",
    }
)
_POLICY = frozenset({"access_denied", "admin_policy_enforced", "policy_enforced"})
"""A policy of the user's organization, or a restriction of the account, ends the grant."""

_OTHER_CLIENT = "unauthorized_client"
"""At a refresh: the refresh token was issued to another client."""

_REJECTED = _POLICY | {
    "invalid_grant",
    "invalid_request",
    "invalid_token",
    "invalid_scope",
    _OTHER_CLIENT,
}
_MAX_LIFETIME_SECONDS = 10 * 366 * 86_400
_GRANT_ENDED = frozenset({"invalid_grant", "invalid_token"})


class TokenRejected(Exception):
    """The endpoint rejected the code or token; `code` is its error code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def as_failure(self) -> ProviderFailure:
        """Return the error to raise if a refresh token, once valid, was rejected."""
        if self.code in _GRANT_ENDED:
            return CredentialInvalid(
                f"The user's Google grant has ended ({self.code}). Reconnect the calendar."
            )
        if self.code in _POLICY:
            text = f"A policy of the organization ended the user's Google grant ({self.code})."
            return CredentialInvalid(text, problem=ProblemCode.ADMIN_REQUIRED)
        if self.code == _OTHER_CLIENT:
            text = f"The refresh token was issued to another OAuth client ({self.code})."
            return CredentialInvalid(text, problem=ProblemCode.OTHER_CLIENT)
        return ProviderMisconfigured(f"Google rejected this service's request ({self.code}).")

    def as_code_failure(self) -> CalendarServiceError:
        """Return the error to raise if an authorization code was rejected."""
        if self.code == _OTHER_CLIENT:
            return _misconfigured(self.code)
        if self.code in _POLICY:
            return CodeRejected(
                "An administrator of your organization must allow this service first. Ask them, "
                "then connect again."
            )
        return CodeRejected(f"Google rejected the code ({self.code}). Connect again.")


class TokenEndpoint:
    """Posts forms; no error message quotes a token.

    Every method raises:
        TokenRejected: Google rejected the posted code or token.
        ProviderMisconfigured: Google rejected this service's client id, secret or redirect address.
        ProviderUnavailable: any other failure.
    """

    def __init__(self, http: HttpClient) -> None:
        self._http = http

    def post(self, url: str, form: Mapping[str, str], *, deadline: Deadline) -> HttpResponse:
        """Post a form and return the response, which has status 200."""
        response = self._http.send(
            "POST",
            url,
            deadline=deadline,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            content=urlencode(form).encode(),
        )
        if response.status != HTTPStatus.OK:
            raise _failure(response)
        return response

    def request_tokens(
        self, url: str, form: Mapping[str, str], *, deadline: Deadline
    ) -> dict[str, Any]:
        """Post a form and return the tokens: at least `access_token` and `expires_in`."""
        return self.tokens(self.post(url, form, deadline=deadline))

    def tokens(self, response: HttpResponse) -> dict[str, Any]:
        """Return the tokens in a response; one without tokens counts as a broken response."""
        try:
            payload = response.json()
            is_complete = (
                isinstance(payload["access_token"], str)
                and bool(payload["access_token"])
                and isinstance(payload.get("scope", ""), str)
            )
            seconds = int(payload["expires_in"])
        except (ValueError, KeyError, TypeError, OverflowError):
            raise _unreadable() from None
        if not is_complete or not 0 <= seconds <= _MAX_LIFETIME_SECONDS:
            raise _unreadable()
        return {**payload, "expires_in": seconds}


class TokenRequest(transport.Request):
    """The transport for google-auth: sends each request once, with this process's HTTP client."""

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
        """Return a response that has tokens; raise for any other."""
        form = dict(parse_qsl((body or b"").decode(), keep_blank_values=True))
        response = self._endpoint.post(url, form, deadline=self._deadline)
        self._endpoint.tokens(response)
        return TokenResponse(response)


class TokenResponse(transport.Response):
    """A response in the shape google-auth reads."""

    def __init__(self, response: HttpResponse) -> None:
        self._answer = response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        return self._answer.headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._answer.body


def _failure(response: HttpResponse) -> Exception:
    """Return the error for the response's error code; an unknown or missing code is transient."""
    code = _code(response)
    if code in _MISCONFIGURED:
        return _misconfigured(str(code))
    if code in _REJECTED and response.status < HTTPStatus.INTERNAL_SERVER_ERROR:
        return TokenRejected(str(code))
    return ProviderUnavailable(
        f"Google's token endpoint returned {response.status}.",
        retry_after=response.retry_after,
    )


def _misconfigured(code: str) -> ProviderMisconfigured:
    return ProviderMisconfigured(
        f"Google rejected this service's client ({code}). Check GOOGLE_CLIENT_ID, its secret "
        "and the redirect addresses registered for it."
    )


def _code(response: HttpResponse) -> str | None:
    try:
        code = response.json()["error"]
    except (ValueError, KeyError, TypeError):
        return None
    return code if isinstance(code, str) else None


def _unreadable() -> ProviderUnavailable:
    return ProviderUnavailable("Google's token endpoint returned no tokens.")

"""Microsoft's authorization server as msal's HTTP client sees it, and no other server."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.domain.errors import ProviderMisconfigured, ProviderUnavailable
from shared.providers.http import Answer, Deadline, Http
from shared.providers.microsoft import aadsts


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What the authority's OpenID configuration tells; `issuer` may hold `{tenantid}`."""

    token: str
    issuer: str


class Authority:
    """The authority at `url`, such as https://login.microsoftonline.com/common."""

    def __init__(self, url: str, web: Http) -> None:
        self.url = url.rstrip("/")
        self._web = web
        self._known: Endpoints | None = None
        self._lock = threading.Lock()

    @property
    def authorize(self) -> str:
        """Where users sign in; a fixed place below the authority."""
        return f"{self.url}/oauth2/v2.0/authorize"

    def endpoints(self, deadline: Deadline) -> Endpoints:
        """Return what the authority tells of itself, asked once per process.

        Raises:
            ProviderMisconfigured: there is no authority at the address, or it points elsewhere.
            ProviderUnavailable: no whole answer in time.
        """
        with self._lock:
            if self._known is None:
                self._known = self._asked(deadline)
            return self._known

    def ask(self, form: Mapping[str, str], deadline: Deadline) -> dict[str, Any]:
        """Return what the token endpoint grants for the form.

        Raises:
            ProviderFailure: what its refusal means.
        """
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = self._web.send(
            "POST",
            self.endpoints(deadline).token,
            headers=headers,
            content=urlencode(form).encode(),
            deadline=deadline,
        )
        return _granted(answer)

    def _asked(self, deadline: Deadline) -> Endpoints:
        answer = self._web.send(
            "GET",
            f"{self.url}/v2.0/.well-known/openid-configuration",
            headers={"Accept": "application/json"},
            deadline=deadline,
        )
        told = _content(answer)
        if answer.status != HTTPStatus.OK:
            raise _unknown(answer)
        token, issuer = told.get("token_endpoint"), told.get("issuer")
        if not isinstance(token, str) or not isinstance(issuer, str):
            raise ProviderUnavailable("Microsoft's OpenID configuration cannot be read.")
        if urlsplit(token)[:2] != urlsplit(self.url)[:2]:
            raise ProviderMisconfigured(
                "The authority's token endpoint is on another server, where the client secret "
                "must not go; check MICROSOFT_AUTHORITY."
            )
        return Endpoints(token=token, issuer=issuer)


@dataclass(frozen=True, slots=True)
class _HttpAnswer:
    """An answer as msal reads it; only successes get this far."""

    text: str = field(repr=False)
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """Do nothing: refusals were raised before."""


class MsalHttp:
    """The `http_client` of one msal application, for one call.

    msal takes https addresses only, so it is shown one, and what it asks goes to the authority
    whatever address that has. It would log answers it cannot read; it gets none.
    """

    def __init__(self, authority: Authority, deadline: Deadline) -> None:
        self._authority = authority
        self._deadline = deadline
        self.shown = "https://" + authority.url.partition("://")[2]

    def get(self, url: str, **_: Any) -> _HttpAnswer:
        """Return the OpenID configuration, the one thing msal gets."""
        endpoints = self._authority.endpoints(self._deadline)
        if url != f"{self.shown}/v2.0/.well-known/openid-configuration":
            raise ProviderMisconfigured(f"msal knows no {url}; check MICROSOFT_AUTHORITY.")
        told = {
            "issuer": endpoints.issuer,
            "authorization_endpoint": f"{self.shown}/oauth2/v2.0/authorize",
            "token_endpoint": self._token_endpoint,
        }
        return _HttpAnswer(json.dumps(told))

    def post(self, url: str, *, data: Mapping[str, str], **_: Any) -> _HttpAnswer:
        """Return what the token endpoint grants."""
        if url != self._token_endpoint:
            raise ProviderMisconfigured(f"msal posts to {url}; check MICROSOFT_AUTHORITY.")
        return _HttpAnswer(json.dumps(self._authority.ask(data, self._deadline)))

    def close(self) -> None:
        """Do nothing: the connections belong to the process."""

    @property
    def _token_endpoint(self) -> str:
        return f"{self.shown}/oauth2/v2.0/token"


def _granted(answer: Answer) -> dict[str, Any]:
    told = _content(answer)
    if answer.status == HTTPStatus.OK and "error" not in told:
        if not isinstance(told.get("access_token"), str):
            raise ProviderUnavailable("Microsoft's token endpoint granted nothing.")
        return told
    server_error = answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if server_error or answer.status == HTTPStatus.TOO_MANY_REQUESTS or "error" not in told:
        raise ProviderUnavailable(
            f"Microsoft's token endpoint answered {answer.status}.", retry_after=answer.retry_after
        )
    raise aadsts.failure(told)


def _unknown(answer: Answer) -> ProviderMisconfigured | ProviderUnavailable:
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderMisconfigured("There is no authority there; check MICROSOFT_AUTHORITY.")
    return ProviderUnavailable(
        f"Microsoft's OpenID configuration answered {answer.status}.",
        retry_after=answer.retry_after,
    )


def _content(answer: Answer) -> dict[str, Any]:
    try:
        content = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}

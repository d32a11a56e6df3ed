"""Microsoft's authorization server, and the HTTP client through which msal reaches only it."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from shared.domain.errors import ProviderMisconfigured, ProviderUnavailable
from shared.providers.http import HttpClient, HttpResponse
from shared.providers.limits import Deadline
from shared.providers.microsoft import aadsts


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The used part of the authority's OpenID configuration; `issuer` may contain `{tenantid}`."""

    token: str
    issuer: str


class Authority:
    """The authority at `url`, such as https://login.microsoftonline.com/common."""

    def __init__(self, url: str, http: HttpClient) -> None:
        self.url = url.rstrip("/")
        self._http = http
        self._endpoints: Endpoints | None = None
        self._lock = threading.Lock()

    @property
    def authorize(self) -> str:
        """The sign-in page; a fixed path below the authority."""
        return f"{self.url}/oauth2/v2.0/authorize"

    def endpoints(self, deadline: Deadline) -> Endpoints:
        """Return the authority's OpenID configuration, fetched once per process.

        Raises:
            ProviderMisconfigured: there is no authority at the address, or its token endpoint is
                on another server.
            ProviderUnavailable: no complete response arrived in time.
        """
        with self._lock:
            if self._endpoints is None:
                self._endpoints = self._fetch_endpoints(deadline)
            return self._endpoints

    def request_tokens(self, form: Mapping[str, str], deadline: Deadline) -> dict[str, Any]:
        """Post the form to the token endpoint and return the tokens.

        Raises:
            ProviderFailure: the token endpoint returned an error.
        """
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        response = self._http.send(
            "POST",
            self.endpoints(deadline).token,
            headers=headers,
            content=urlencode(form).encode(),
            deadline=deadline,
        )
        return _tokens(response)

    def _fetch_endpoints(self, deadline: Deadline) -> Endpoints:
        response = self._http.send(
            "GET",
            f"{self.url}/v2.0/.well-known/openid-configuration",
            headers={"Accept": "application/json"},
            deadline=deadline,
        )
        payload = _json_object(response)
        if response.status != HTTPStatus.OK:
            raise _configuration_failure(response)
        token, issuer = payload.get("token_endpoint"), payload.get("issuer")
        if not isinstance(token, str) or not isinstance(issuer, str):
            raise ProviderUnavailable("Microsoft's OpenID configuration cannot be read.")
        if urlsplit(token)[:2] != urlsplit(self.url)[:2]:
            raise ProviderMisconfigured(
                "The authority's token endpoint is on another server, to which the client secret "
                "must not be sent. Check MICROSOFT_AUTHORITY."
            )
        return Endpoints(token=token, issuer=issuer)


@dataclass(frozen=True, slots=True)
class _MsalResponse:
    """A successful response in the shape msal reads."""

    text: str = field(repr=False)
    status_code: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        """Do nothing: error responses have already been raised."""


class MsalHttp:
    """The `http_client` of one msal application, for one call.

    msal accepts https addresses only, so it is given one, and its requests are sent to the
    authority's real address. msal logs responses it cannot read; this client raises instead of
    returning one.
    """

    def __init__(self, authority: Authority, deadline: Deadline) -> None:
        self._authority = authority
        self._deadline = deadline
        self.https_url = "https://" + authority.url.partition("://")[2]

    def get(self, url: str, **_: Any) -> _MsalResponse:
        """Return the OpenID configuration, the only document msal reads."""
        endpoints = self._authority.endpoints(self._deadline)
        if url != f"{self.https_url}/v2.0/.well-known/openid-configuration":
            raise ProviderMisconfigured(
                f"msal requested the unexpected address {url}. Check MICROSOFT_AUTHORITY."
            )
        payload = {
            "issuer": endpoints.issuer,
            "authorization_endpoint": f"{self.https_url}/oauth2/v2.0/authorize",
            "token_endpoint": self._token_endpoint,
        }
        return _MsalResponse(json.dumps(payload))

    def post(self, url: str, *, data: Mapping[str, str], **_: Any) -> _MsalResponse:
        """Return the tokens that the token endpoint issues for the form."""
        if url != self._token_endpoint:
            raise ProviderMisconfigured(
                f"msal posted to the unexpected address {url}. Check MICROSOFT_AUTHORITY."
            )
        return _MsalResponse(json.dumps(self._authority.request_tokens(data, self._deadline)))

    def close(self) -> None:
        """Do nothing: the HTTP connections are shared by the process."""

    @property
    def _token_endpoint(self) -> str:
        return f"{self.https_url}/oauth2/v2.0/token"


def _tokens(response: HttpResponse) -> dict[str, Any]:
    payload = _json_object(response)
    if response.status == HTTPStatus.OK and "error" not in payload:
        if not isinstance(payload.get("access_token"), str):
            raise ProviderUnavailable("Microsoft's token endpoint returned no access token.")
        return payload
    server_error = response.status >= HTTPStatus.INTERNAL_SERVER_ERROR
    if server_error or response.status == HTTPStatus.TOO_MANY_REQUESTS or "error" not in payload:
        raise ProviderUnavailable(
            f"Microsoft's token endpoint returned {response.status}.",
            retry_after=response.retry_after,
        )
    raise aadsts.failure(payload)


def _configuration_failure(response: HttpResponse) -> ProviderMisconfigured | ProviderUnavailable:
    if HTTPStatus.BAD_REQUEST <= response.status < HTTPStatus.TOO_MANY_REQUESTS:
        return ProviderMisconfigured(
            "There is no authority at this address. Check MICROSOFT_AUTHORITY."
        )
    return ProviderUnavailable(
        f"Microsoft's OpenID configuration request returned {response.status}.",
        retry_after=response.retry_after,
    )


def _json_object(response: HttpResponse) -> dict[str, Any]:
    try:
        content = json.loads(response.body)
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}

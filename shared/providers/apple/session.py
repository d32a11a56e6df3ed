"""The HTTP session that replaces the one of `caldav`: it connects only to allowed addresses."""

import socket
from functools import partial
from http import HTTPStatus
from typing import Any

import requests
from lxml import etree  # type: ignore[import-untyped]  # ships no types
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

from shared.domain.errors import CalendarTooLarge, ServerUrlNotAllowed
from shared.providers.apple.addresses import (
    DEFAULT_PORTS,
    Address,
    Origin,
    origin_of,
    parse_address,
    resolve,
)
from shared.providers.apple.credentials import Credentials
from shared.providers.apple.dial import ConnectionRules, Dialler
from shared.providers.apple.digest import DigestChallenge, digest_challenge
from shared.providers.limits import MAX_RESPONSE_BYTES, Deadline

_CHUNK_BYTES = 65_536
_NOT_XML = ("text/calendar", "text/plain", "application/octet-stream")
_CALENDAR_START = b"BEGIN:VCALENDAR"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_MOVED = frozenset(
    {
        HTTPStatus.MOVED_PERMANENTLY,
        HTTPStatus.FOUND,
        HTTPStatus.TEMPORARY_REDIRECT,
        HTTPStatus.PERMANENT_REDIRECT,
    }
)
_MAX_REDIRECTS = 5
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class GuardedSession(requests.Session):
    """A session for one call to one server: `home` and its iCloud partition, no other origin.

    Every request is checked: its address, the IP address, redirects, size and time. So the
    request's credentials never reach another origin. Only a PROPFIND follows redirects, and only
    within its origin. A server that asks for Digest authentication gets it. A body that is neither
    a calendar nor well-formed XML is replaced by an empty one.

    `send` raises:
        ServerUrlNotAllowed: the address, or the IP address it resolves to, is not allowed.
        CalendarTooLarge: the response is over 5 MB.
        requests.RequestException, OSError: no usable response in time.
    """

    def __init__(
        self, rules: ConnectionRules, *, home: Origin, credentials: Credentials, deadline: Deadline
    ) -> None:
        super().__init__()
        self.trust_env = False
        self._rules = rules
        self._home = home
        self._credentials = credentials
        self._challenge: DigestChallenge | None = None
        self._deadline = deadline
        self._dialler = Dialler(rules, deadline)
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _PinnedAdapter(rules, self._dialler))

    @property
    def connected(self) -> bool:
        """True if a server may have received data."""
        return self._dialler.connected

    def send(self, request: requests.PreparedRequest, **_settings: Any) -> requests.Response:
        """Return the response, read in full; `_settings` are ignored."""
        for _ in range(_MAX_REDIRECTS):
            address = parse_address(request.url or "", allowed=self._rules.allowed)
            response = self._authorized(request, address)
            target = self._target(request, address, response)
            if target is None:
                return response
            request = request.copy()
            request.url = str(target)
        raise _redirect()

    def _authorized(self, request: requests.PreparedRequest, address: Address) -> requests.Response:
        """Send the request, and once more if the server asks for Digest authentication."""
        used = self._challenge
        response = self._exchange(request, address)
        if response.status_code != HTTPStatus.UNAUTHORIZED:
            return response
        challenge = digest_challenge(response.headers.get("WWW-Authenticate"))
        if challenge is None or (used is not None and not challenge.is_stale):
            return response
        self._challenge = challenge
        return self._exchange(request, address)

    def _exchange(self, request: requests.PreparedRequest, address: Address) -> requests.Response:
        if not self._home.may_send_credentials_to(address.origin):
            raise ServerUrlNotAllowed("The calendar server refers to another server.")
        if self._challenge is not None:
            request.headers["Authorization"] = self._challenge.authorization(
                self._credentials, request.method or "", request.path_url
            )
        response = self.get_adapter(str(address)).send(
            request,
            stream=True,
            timeout=self._deadline.remaining(),
            verify=True,
            cert=None,
            proxies={},
        )
        try:
            return self._read(response)
        finally:
            response.close()

    def _target(
        self, request: requests.PreparedRequest, address: Address, response: requests.Response
    ) -> Address | None:
        """Return where to send the request instead, or None if the response is no redirect."""
        status = response.status_code
        if not HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
            return None
        location = response.headers.get("Location")
        if request.method != "PROPFIND" or status not in _MOVED or not location:
            raise _redirect()
        target = resolve(address, location, allowed=self._rules.allowed)
        if target.origin != address.origin or target == address:
            raise _redirect()
        return target

    def close(self) -> None:
        """Close every connection."""
        super().close()
        self._dialler.close()

    def _read(self, response: requests.Response) -> requests.Response:
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > MAX_RESPONSE_BYTES:
                raise CalendarTooLarge("The calendar server's response is over 5 MB.")
            self._deadline.remaining()
        # `caldav` logs bodies it cannot parse, which may contain personal data.
        response._content = bytes(body) if _is_usable(response, bytes(body)) else b""  # noqa: SLF001 - requests has no public way to bound a body
        return response


class _PinnedAdapter(HTTPAdapter):
    """Gives urllib3 the dialler's connections; its TLS then verifies the host name."""

    def __init__(self, rules: ConnectionRules, dialler: Dialler) -> None:
        self._tls = rules.tls
        self._dialler = dialler
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - the shared context verifies
        cert: Any = None,  # noqa: ARG002 - no client certificates
    ) -> Any:
        """Return the origin to connect to and the shared TLS context."""
        origin = origin_of(request.url or "")
        address = {"scheme": origin.scheme, "host": origin.host, "port": origin.port}
        if origin.scheme == "http":
            return address, {}
        return address, {"ssl_context": self._tls, "cert_reqs": "CERT_REQUIRED"}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return a pool that uses the dialler's connections."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        content_type = _DialledTls if pool.scheme == "https" else _DialledHttp
        pool.ConnectionCls = partial(content_type, dialler=self._dialler)
        return pool

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """Do nothing: keep the shared context; requests would load its own bundle per host."""


class _DialledHttp(HTTPConnection):
    def __init__(self, *args: Any, dialler: Dialler, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dialler = dialler

    def _new_conn(self) -> socket.socket:
        return _dialled(self, self._dialler, scheme="http")


class _DialledTls(HTTPSConnection):
    def __init__(self, *args: Any, dialler: Dialler, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._dialler = dialler

    def _new_conn(self) -> socket.socket:
        return _dialled(self, self._dialler, scheme="https")


def _dialled(connection: HTTPConnection, dialler: Dialler, *, scheme: str) -> socket.socket:
    origin = Origin(scheme, connection.host, connection.port or DEFAULT_PORTS[scheme])
    try:
        return dialler.dial(origin)
    except OSError as error:
        raise NewConnectionError(connection, str(error)) from error


def _redirect() -> ServerUrlNotAllowed:
    return ServerUrlNotAllowed(
        "The calendar server returned a redirect that is not followed. "
        "Enter the address it redirects to."
    )


def _is_usable(response: requests.Response, body: bytes) -> bool:
    content_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    text = body[:100].removeprefix(_BYTE_ORDER_MARK).lstrip()
    if content_type in _NOT_XML or text.upper().startswith(_CALENDAR_START):
        return True
    try:
        etree.fromstring(body, parser=_PARSER)
    except etree.XMLSyntaxError:
        return False
    return True

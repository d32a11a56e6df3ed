"""The HTTP session put in place of the one `caldav` brings: it goes nowhere it was not sent."""

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
from shared.providers.apple.addresses import DEFAULT_PORTS, Origin, checked, origin_of
from shared.providers.apple.dial import Deadline, Dialler, Guard
from shared.providers.limits import LONGEST_ANSWER_BYTES

_CHUNK_BYTES = 65_536
_NOT_XML = ("text/calendar", "text/plain", "application/octet-stream")
_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)


class GuardedSession(requests.Session):
    """A session for one call to one server: `home` and where that leads, nothing else.

    Every request is checked anew: address, IP address connected to, no redirect, size and time.
    Credentials of the request therefore never reach another origin. Bodies that are neither
    calendars nor well-formed XML read as empty.

    `send` raises:
        ServerUrlNotAllowed: the address, or where it leads, is not one we talk to.
        CalendarTooLarge: the answer is over 5 MB.
        requests.RequestException, OSError: no usable answer in time.
    """

    def __init__(self, guard: Guard, *, home: Origin, deadline: Deadline) -> None:
        super().__init__()
        self.trust_env = False
        self._guard = guard
        self._home = home
        self._deadline = deadline
        self._dialler = Dialler(guard, deadline)
        self.adapters.clear()
        for scheme in ("https://", "http://"):
            self.mount(scheme, _PinnedAdapter(guard, self._dialler))

    @property
    def connected(self) -> bool:
        """Whether any server may have received something."""
        return self._dialler.connected

    def send(self, request: requests.PreparedRequest, **_settings: Any) -> requests.Response:
        """Return the answer to one request, read in full; the caller's settings are not asked."""
        address = checked(request.url or "", allowed=self._guard.allowed)
        if not self._home.leads_to(address.origin):
            raise ServerUrlNotAllowed("The calendar server leads to another server.")
        adapter = self.get_adapter(str(address))
        answer = adapter.send(
            request,
            stream=True,
            timeout=self._deadline.remaining(),
            verify=True,
            cert=None,
            proxies={},
        )
        try:
            return self._read(answer)
        finally:
            answer.close()

    def close(self) -> None:
        """End every connection."""
        super().close()
        self._dialler.close()

    def _read(self, answer: requests.Response) -> requests.Response:
        if HTTPStatus.MULTIPLE_CHOICES <= answer.status_code < HTTPStatus.BAD_REQUEST:
            raise ServerUrlNotAllowed(
                "The calendar server answers with a redirect, which is not followed; "
                "give the address it redirects to."
            )
        body = bytearray()
        for chunk in answer.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > LONGEST_ANSWER_BYTES:
                raise CalendarTooLarge("The calendar server's answer is over 5 MB.")
            self._deadline.remaining()
        # `caldav` logs what it cannot parse, and that may be somebody's diary.
        answer._content = bytes(body) if _is_usable(answer, bytes(body)) else b""  # noqa: SLF001 - requests has no public way to bound a body
        return answer


class _PinnedAdapter(HTTPAdapter):
    """Hands the dialler's connections to urllib3, whose TLS then checks the host's name."""

    def __init__(self, guard: Guard, dialler: Dialler) -> None:
        self._tls = guard.tls
        self._dialler = dialler
        super().__init__(max_retries=0)

    def build_connection_pool_key_attributes(
        self,
        request: requests.PreparedRequest,
        verify: Any,  # noqa: ARG002 - the shared context verifies
        cert: Any = None,  # noqa: ARG002 - no client certificates
    ) -> Any:
        """Return where to connect to and the shared TLS context."""
        origin = origin_of(request.url or "")
        place = {"scheme": origin.scheme, "host": origin.host, "port": origin.port}
        if origin.scheme == "http":
            return place, {}
        return place, {"ssl_context": self._tls, "cert_reqs": "CERT_REQUIRED"}

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pool, its connections made by the dialler."""
        pool: Any = super().get_connection_with_tls_context(*args, **kwargs)
        kind = _DialledTls if pool.scheme == "https" else _Dialled
        pool.ConnectionCls = partial(kind, dialler=self._dialler)
        return pool

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        """Leave the shared context alone; requests would load its own bundle for each host."""


class _Dialled(HTTPConnection):
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


def _is_usable(answer: requests.Response, body: bytes) -> bool:
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in _NOT_XML:
        return True
    try:
        etree.fromstring(body, parser=_PARSER)
    except etree.XMLSyntaxError:
        return False
    return True

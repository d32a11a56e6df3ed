"""Sends requests to the receivers of webhooks, at checked addresses only."""

import http.client
import ssl
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from time import monotonic
from urllib.parse import quote

from typing_extensions import override

from shared.domain.errors import ServerUrlNotAllowed
from shared.domain.webhook_delivery import ReceiverAnswer
from shared.ports.webhooks import WebhookReceiver
from shared.providers.apple.addresses import Address, Resolver, origin_of, parse_address
from shared.providers.apple.dial import ConnectionRules, Dialler, system_resolver
from shared.providers.limits import Deadline
from shared.providers.tls import tls_context

TIMEOUT = timedelta(seconds=10)
USER_AGENT = "calendar-service-webhooks"

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_QUERY_SAFE = "/%:@!$&'()*+,;=~-._?"


class HttpWebhookReceiver(WebhookReceiver):
    """Receivers at public https addresses on port 443, or on this machine's loopback.

    The name is resolved once per request, and the connection goes to the checked IP address. No
    redirect is followed and the body of an answer is not read.
    """

    def __init__(
        self,
        *,
        allows_loopback: bool,
        allowed: frozenset[str] = frozenset(),
        resolve: Resolver = system_resolver,
        tls: ssl.SSLContext | None = None,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self._allows_loopback = allows_loopback
        self._allowed = allowed
        self._resolve = resolve
        self._tls = tls
        self._timeout = timeout

    @override
    def check_address(self, url: str) -> None:
        self._parsed(url)

    @override
    def post(self, url: str, *, headers: Mapping[str, str], body: str) -> ReceiverAnswer:
        started = monotonic()
        deadline = Deadline(self._timeout)
        try:
            status = self._status(url, headers, body, deadline)
        except ServerUrlNotAllowed as error:
            return _answer(None, error.message, started)
        except ssl.SSLError as error:
            problem = "time-out" if deadline.has_passed else f"TLS: {error.reason or 'failed'}"
            return _answer(None, problem, started)
        except (OSError, http.client.HTTPException, ValueError) as error:
            problem = "time-out" if _is_late(error, deadline) else "no valid HTTP response"
            return _answer(None, problem, started)
        return _answer(status, _problem_of(status), started)

    def _status(self, url: str, headers: Mapping[str, str], body: str, deadline: Deadline) -> int:
        address, target, allowed = self._parsed(url)
        rules = ConnectionRules(
            allowed=allowed, resolve=self._resolve, tls=self._tls or tls_context()
        )
        dialler = Dialler(rules, deadline)
        connection = _DialledConnection(address, rules, dialler)
        try:
            connection.request("POST", target, body.encode(), {"User-Agent": USER_AGENT, **headers})
            status = connection.getresponse().status
            # `http.client` takes headers that end with the connection as complete.
            deadline.remaining()
            return status
        finally:
            connection.close()
            dialler.close()

    def _parsed(self, url: str) -> tuple[Address, str, frozenset[str]]:
        """Return the address, the target of the request and the hosts allowed in addition."""
        base, separator, query = url.partition("?")
        allowed = self._allowed
        if self._allows_loopback and (origin := origin_of(base)).host in _LOOPBACK:
            allowed |= {origin.host_port}
        if "#" in query or not query.isprintable() or " " in query:
            raise ServerUrlNotAllowed("The server's address must not contain a fragment or blanks.")
        address = parse_address(base, allowed=allowed)
        return address, f"{address.path}{separator}{quote(query, safe=_QUERY_SAFE)}", allowed


class _DialledConnection(http.client.HTTPConnection):
    """A connection of the dialler's, with TLS that verifies the host name."""

    def __init__(self, address: Address, rules: ConnectionRules, dialler: Dialler) -> None:
        super().__init__(address.origin.host, address.origin.port)
        self._origin = address.origin
        self._rules = rules
        self._dialler = dialler
        if address.origin.scheme == "https":
            self.default_port = 443

    def connect(self) -> None:
        """Connect to an address that the dialler has checked."""
        self.sock = self._dialler.dial(self._origin)
        if self._origin.scheme == "https":
            self.sock = self._rules.tls.wrap_socket(self.sock, server_hostname=self._origin.host)


def _problem_of(status: int) -> str | None:
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    is_redirect = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    return "redirect, which is not followed" if is_redirect else f"status {status}"


def _is_late(error: Exception, deadline: Deadline) -> bool:
    return isinstance(error, TimeoutError) or deadline.has_passed


def _answer(status: int | None, problem: str | None, started: float) -> ReceiverAnswer:
    return ReceiverAnswer(status, problem, round((monotonic() - started) * 1000))

"""Opens connections only to checked addresses, and closes them at the deadline."""

import socket
import ssl
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address

from shared.domain.errors import ServerUrlNotAllowed
from shared.providers.apple.addresses import Origin, Resolver, is_ip_address, is_public
from shared.providers.limits import Deadline


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRules:
    """The connection rules of the process.

    `allowed` lists each `host:port` that is allowed in addition to public addresses.
    """

    allowed: frozenset[str]
    resolve: Resolver
    tls: ssl.SSLContext


class Dialler:
    """Connects to the IP addresses it has checked, so a changed DNS response has no effect.

    `connected` is True once any connection has opened. At the deadline every connection is shut
    down, even while the server is still sending.
    """

    def __init__(self, rules: ConnectionRules, deadline: Deadline) -> None:
        self._rules = rules
        self._deadline = deadline
        self._timers: list[tuple[threading.Timer, socket.socket]] = []
        self.connected = False

    def dial(self, origin: Origin) -> socket.socket:
        """Return a connection to the origin.

        Raises:
            ServerUrlNotAllowed: the name resolves to an address that is not public.
            OSError: no connection opened in time.
        """
        addresses = self._addresses(origin)
        for index, address in enumerate(addresses):
            # An unreachable first address must leave time for the next one.
            share = self._deadline.remaining() / (len(addresses) - index)
            try:
                connection = socket.create_connection((address, origin.port), timeout=share)
            except OSError:
                continue
            return self._verify(connection, address)
        raise ConnectionError(f"no address of {origin.host} accepts connections")

    def close(self) -> None:
        """Cancel the timers; the session closes the connections themselves."""
        for timer, handle in self._timers:
            timer.cancel()
            handle.close()
        self._timers.clear()

    def _addresses(self, origin: Origin) -> Sequence[str]:
        if is_ip_address(origin.host):
            addresses: Sequence[str] = (origin.host,)
        else:
            addresses = self._resolve(origin)
        is_allowed = origin.host_port in self._rules.allowed
        if not is_allowed and not all(is_public(each) for each in addresses):
            raise ServerUrlNotAllowed(
                "The server's name resolves to an address that is not public."
            )
        return addresses

    def _resolve(self, origin: Origin) -> Sequence[str]:
        # The system resolver has no timeout, so it runs in its own thread.
        lookup: Future[Sequence[str]] = Future()

        def resolve() -> None:
            try:
                lookup.set_result(self._rules.resolve(origin.host, origin.port))
            except Exception as error:  # noqa: BLE001 - raised in the waiting thread
                lookup.set_exception(error)

        threading.Thread(target=resolve, daemon=True).start()
        return tuple(dict.fromkeys(lookup.result(timeout=self._deadline.remaining())))

    def _verify(self, connection: socket.socket, address: str) -> socket.socket:
        peer = connection.getpeername()[0]
        if ip_address(peer) != ip_address(address):
            connection.close()
            raise ServerUrlNotAllowed("The connection is to another address than the checked one.")
        self.connected = True
        # Wrapping the socket in TLS moves its descriptor; a duplicate stays valid.
        handle = connection.dup()
        timer = threading.Timer(self._deadline.left, _shut_down, (handle,))
        timer.daemon = True
        timer.start()
        self._timers.append((timer, handle))
        return connection


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of the name from the operating system, in its order of preference."""
    results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in results)


def _shut_down(handle: socket.socket) -> None:
    # The server may have closed the connection already.
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)

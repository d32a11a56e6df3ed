"""Opens connections to checked addresses only, and ends them when time is up."""

import socket
import ssl
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address

from shared.domain.errors import ServerUrlNotAllowed
from shared.providers.apple.addresses import Origin, Resolver, is_literal, is_public


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """What every session of the process obeys.

    `allowed` lists the `host:port` opened besides the public ones.
    """

    allowed: frozenset[str]
    resolve: Resolver
    tls: ssl.SSLContext


class Deadline:
    """An end of time, on the monotonic clock, shared by all steps of one call."""

    def __init__(self, timeout: timedelta) -> None:
        self._end = time.monotonic() + timeout.total_seconds()

    @property
    def left(self) -> float:
        """The seconds left, never less than none."""
        return max(0.0, self._end - time.monotonic())

    def remaining(self) -> float:
        """Return the seconds left, more than none.

        Raises:
            TimeoutError: when none are left.
        """
        left = self.left
        if not left:
            raise TimeoutError("the call took longer than it was given")
        return left


class Dialler:
    """Connects to the very IP addresses it has checked, so a second answer of DNS changes nothing.

    `connected` tells whether any connection came up. At the deadline every connection is shut,
    however slowly the other side keeps sending.
    """

    def __init__(self, guard: Guard, deadline: Deadline) -> None:
        self._guard = guard
        self._deadline = deadline
        self._watches: list[tuple[threading.Timer, socket.socket]] = []
        self.connected = False

    def dial(self, origin: Origin) -> socket.socket:
        """Return a connection to the origin.

        Raises:
            ServerUrlNotAllowed: when the name leads to an address that is not public.
            OSError: when nothing answers in time.
        """
        addresses = self._addresses(origin)
        for index, address in enumerate(addresses):
            # A dead first address must leave time for the next.
            share = self._deadline.remaining() / (len(addresses) - index)
            try:
                connection = socket.create_connection((address, origin.port), timeout=share)
            except OSError:
                continue
            return self._accepted(connection, address)
        raise ConnectionError(f"no address of {origin.host} takes connections")

    def close(self) -> None:
        """Stop watching; the connections themselves belong to the session."""
        for timer, handle in self._watches:
            timer.cancel()
            handle.close()
        self._watches.clear()

    def _addresses(self, origin: Origin) -> Sequence[str]:
        if is_literal(origin.host):
            addresses: Sequence[str] = (origin.host,)
        else:
            addresses = self._resolved(origin)
        opened = origin.host_port in self._guard.allowed
        if not opened and not all(is_public(each) for each in addresses):
            raise ServerUrlNotAllowed(
                "The calendar server's name leads to an address that is not public."
            )
        return addresses

    def _resolved(self, origin: Origin) -> Sequence[str]:
        # The system's resolver takes no timeout, so it runs beside.
        answer: Future[Sequence[str]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self._guard.resolve(origin.host, origin.port))
            except Exception as error:  # noqa: BLE001 - handed to the thread that waits
                answer.set_exception(error)

        threading.Thread(target=ask, daemon=True).start()
        return tuple(dict.fromkeys(answer.result(timeout=self._deadline.remaining())))

    def _accepted(self, connection: socket.socket, address: str) -> socket.socket:
        peer = connection.getpeername()[0]
        if ip_address(peer) != ip_address(address):
            connection.close()
            raise ServerUrlNotAllowed("The connection leads to another address than was checked.")
        self.connected = True
        # A duplicate survives the move of the descriptor into a TLS socket.
        handle = connection.dup()
        timer = threading.Timer(self._deadline.left, _shut, (handle,))
        timer.daemon = True
        timer.start()
        self._watches.append((timer, handle))
        return connection


def system_resolver(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses the operating system knows for the name, in its order of preference."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(str(address[0]) for *_, address in found)


def _shut(handle: socket.socket) -> None:
    # Already closed by the other side is as good.
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)

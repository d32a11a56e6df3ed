"""Messages between the service and its workers: JSON, prefixed with its length in four bytes."""

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")


class ConnectionClosed(ConnectionError):
    """The other side closed the connection."""


def send(connection: socket.socket, message: Any) -> None:
    """Send one message.

    Raises:
        Closed: when the other side has closed the connection.
    """
    body = json.dumps(message).encode()
    try:
        connection.sendall(_LENGTH.pack(len(body)) + body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise ConnectionClosed("the other side no longer reads") from error


def receive(connection: socket.socket) -> Any:
    """Return the next message; wait as long as the socket's time-out allows.

    Raises:
        Closed: when the other side closed the connection, even in the middle of a message.
        TimeoutError: when the socket's time-out expires.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        try:
            part = connection.recv(length - len(parts))
        except ConnectionResetError as error:
            raise ConnectionClosed("the other side reset the connection") from error
        if not part:
            raise ConnectionClosed("the other side closed the connection")
        parts += part
    return bytes(parts)

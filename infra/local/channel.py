"""Messages between the front and its workers: JSON, each led by its length in four bytes."""

import json
import socket
import struct
from typing import Any

_LENGTH = struct.Struct("!I")


class Closed(ConnectionError):
    """The other side is gone."""


def send(connection: socket.socket, message: Any) -> None:
    """Send one message, whole.

    Raises:
        Closed: when the other side is gone.
    """
    body = json.dumps(message).encode()
    try:
        connection.sendall(_LENGTH.pack(len(body)) + body)
    except (BrokenPipeError, ConnectionResetError) as error:
        raise Closed("nobody reads what was sent") from error


def receive(connection: socket.socket) -> Any:
    """Return the next message, waiting as long as the socket's own time-out allows.

    Raises:
        Closed: when the other side is gone, also in the middle of a message.
        TimeoutError: when the socket has a time-out and it is over.
    """
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size))
    return json.loads(_exactly(connection, length))


def _exactly(connection: socket.socket, length: int) -> bytes:
    parts = bytearray()
    while len(parts) < length:
        try:
            part = connection.recv(length - len(parts))
        except ConnectionResetError as error:
            raise Closed("the other side went away") from error
        if not part:
            raise Closed("the other side closed the connection")
        parts += part
    return bytes(parts)

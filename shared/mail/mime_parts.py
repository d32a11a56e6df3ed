"""Reads the parts of an incoming mail within bounds (RFC 2045, 2046, 5322).

Anyone may send a mail to this service. The parser of the standard library needs quadratic time for
some mails and recurses as deep as their parts are nested, so it only sees header fields here.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from quopri import decodestring

from shared.ports import ReplyUnreadable

LARGEST_MAIL = 2_000_000
"""In bytes. Replies have a few KiB; some have a picture in the signature."""

LONGEST_HEAD = 100_000
LONGEST_FIELD = 2_000
DEEPEST_PART = 8
MOST_PARTS = 50

_BLANK_LINE = re.compile(rb"\A\r?\n|\r?\n\r?\n")
_READ = (b"content-type", b"content-transfer-encoding")


@dataclass(frozen=True, slots=True)
class MimePart:
    """A part without parts of its own; `content` is decoded."""

    content_type: str
    charset: str
    content: bytes


@dataclass(slots=True)
class _Count:
    parts: int = 0


def mime_parts(raw: bytes, *, content_types: frozenset[str]) -> list[MimePart]:
    """Return the parts of these types, in order.

    Raises:
        ReplyUnreadable: when the mail exceeds a bound, or a part of such a type is badly encoded.
    """
    if len(raw) > LARGEST_MAIL:
        raise ReplyUnreadable(f"The mail is larger than {LARGEST_MAIL} bytes.")
    return list(_parts(raw, content_types, _Count(), depth=0))


def _parts(
    raw: bytes, content_types: frozenset[str], count: _Count, *, depth: int
) -> Iterator[MimePart]:
    count.parts += 1
    if count.parts > MOST_PARTS or depth > DEEPEST_PART:
        raise ReplyUnreadable("The mail has too many parts.")
    fields, body = _split(raw)
    kind = fields.get_content_type()
    boundary = fields.get_boundary() if kind.startswith("multipart/") else None
    if boundary:
        for each in _between(body, boundary):
            yield from _parts(each, content_types, count, depth=depth + 1)
    elif kind in content_types:
        yield MimePart(kind, fields.get_content_charset("utf-8"), _decoded(fields, body))


def _split(raw: bytes) -> tuple[Message, bytes]:
    """Return the header fields that matter here, and the body."""
    blank = _BLANK_LINE.search(raw, 0, LONGEST_HEAD)
    if blank is None and len(raw) > LONGEST_HEAD:
        raise ReplyUnreadable("The mail has a header that is too long.")
    head, body = (raw, b"") if blank is None else (raw[: blank.start()], raw[blank.end() :])
    fields = [each for each in re.split(rb"\r?\n(?![ \t])", head) if _name(each) in _READ]
    if any(len(each) > LONGEST_FIELD for each in fields):
        raise ReplyUnreadable("The mail has a header field that is too long.")
    return BytesHeaderParser(policy=compat32).parsebytes(b"\r\n".join([*fields, b"", b""])), body


def _name(field: bytes) -> bytes:
    return field.partition(b":")[0].strip().lower()


def _between(body: bytes, boundary: str) -> Iterator[bytes]:
    """Yield the parts between the lines of a boundary; the last line may be missing."""
    mark = re.escape(b"--" + boundary.encode(errors="replace"))
    line = rb"(?:\A|\r?\n)" + mark + rb"(--)?[ \t]*(?=\r?\n|\Z)"
    pieces = re.split(line, body, maxsplit=MOST_PARTS + 2)
    for closes, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        if closes:
            return
        yield piece.removeprefix(b"\r").removeprefix(b"\n")


def _decoded(fields: Message, body: bytes) -> bytes:
    encoding = str(fields.get("Content-Transfer-Encoding", "7bit")).strip().lower()
    if encoding == "quoted-printable":
        return decodestring(body)
    if encoding != "base64":
        return body
    try:
        return b64decode(body)
    except binascii.Error as error:
        raise ReplyUnreadable("The mail has a part with invalid base64.") from error

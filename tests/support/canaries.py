"""Finding secrets in text, however they are spelled there."""

import base64
import html
import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus


def kinds_in(text: str, secrets: Mapping[str, Collection[str]]) -> set[str]:
    """Return the kinds of those secrets that stand in the text, plain, escaped or encoded."""
    return {
        kind
        for kind, values in secrets.items()
        if any(each in text for value in values for each in spellings(value))
    }


@cache
def spellings(secret: str) -> frozenset[str]:
    """Return the ways a secret may be written inside a text."""
    raw = secret.encode()
    return frozenset(
        {
            secret,
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            html.escape(secret),
            json.dumps(secret)[1:-1],
            raw.hex(),
            *_inside_base64(raw),
        }
    )


def text_of(value: Any) -> str:
    """Return everything a DynamoDB item holds as text, bytes as the characters of their codes."""
    return "\n".join(_leaves(value))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            yield str(name)
            yield from _leaves(each)
    elif isinstance(value, list | set | tuple):
        for each in value:
            yield from _leaves(each)
    elif isinstance(value, bytes):
        yield value.decode("latin-1")
    else:
        yield str(value)


def _inside_base64(raw: bytes) -> Iterator[str]:
    """The characters that are the secret's alone, wherever it begins in what was encoded."""
    for before in range(3):
        padded = b"\0" * before + raw
        whole = len(padded) // 3 * 4
        first = 4 if before else 0
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield encode(padded).decode()[first:whole]

"""Metadata of an operation for the OpenAPI document, in addition to its handler's signature.

Only `infra.openapi` reads it. At run time it costs no more than one attribute per handler.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])

_ATTRIBUTE = "__operation__"


@dataclass(frozen=True, slots=True)
class RawContent:
    """A response without an envelope: its media type and JSON Schema."""

    media_type: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation of the API.

    `responses` maps each success status to the type of `data`, to a `RawContent` for a response
    without an envelope, or to None for one without content.

    `errors` are the error codes specific to this operation. Others follow from its signature:
    UNAUTHORIZED from its security, VALIDATION_ERROR from its parameters and body.
    """

    id: str
    tag: str
    responses: Mapping[int, Any] = field(default_factory=dict)
    errors: Sequence[str] = ()


def operation(
    name: str, *, tag: str, responses: Mapping[int, Any], errors: Sequence[str] = ()
) -> Callable[[Handler], Handler]:
    """Attach an operation's metadata to its handler."""

    def attach(handler: Handler) -> Handler:
        setattr(
            handler, _ATTRIBUTE, Operation(id=name, tag=tag, responses=responses, errors=errors)
        )
        return handler

    return attach


def operation_of(handler: Callable[..., Any]) -> Operation:
    """Return the metadata attached to a handler.

    Raises:
        AttributeError: when the handler has none.
    """
    attached: Operation = getattr(handler, _ATTRIBUTE)
    return attached

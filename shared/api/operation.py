"""Metadata of an operation for the OpenAPI document, in addition to its handler's signature.

`infra.openapi` reads it, and the app reads what requests may have. At run time it costs no more
than one attribute per handler.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])

KIB = 1024
MAX_BODY_BYTES = 64 * KIB
"""The largest body of an operation that does not name another size."""

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
    UNAUTHORIZED from its security, VALIDATION_ERROR from its parameters and body. `max_body_bytes`
    is the size over which a body is PAYLOAD_TOO_LARGE. With `ignores_unknown_parameters`, a query
    parameter that the operation does not have is ignored; otherwise it is a VALIDATION_ERROR.
    """

    id: str
    tag: str
    responses: Mapping[int, Any] = field(default_factory=dict)
    errors: Sequence[str] = ()
    max_body_bytes: int = MAX_BODY_BYTES
    ignores_unknown_parameters: bool = False


def operation(
    name: str,
    *,
    tag: str,
    responses: Mapping[int, Any],
    errors: Sequence[str] = (),
    max_body_bytes: int = MAX_BODY_BYTES,
    ignores_unknown_parameters: bool = False,
) -> Callable[[Handler], Handler]:
    """Attach an operation's metadata to its handler."""

    def attach(handler: Handler) -> Handler:
        metadata = Operation(
            id=name,
            tag=tag,
            responses=responses,
            errors=errors,
            max_body_bytes=max_body_bytes,
            ignores_unknown_parameters=ignores_unknown_parameters,
        )
        setattr(handler, _ATTRIBUTE, metadata)
        return handler

    return attach


def operation_of(handler: Callable[..., Any]) -> Operation:
    """Return the metadata attached to a handler.

    Raises:
        AttributeError: when the handler has none.
    """
    attached: Operation = getattr(handler, _ATTRIBUTE)
    return attached


def max_body_bytes(handler: Callable[..., Any]) -> int:
    """Return the largest body that a handler takes, with or without metadata."""
    attached: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return attached.max_body_bytes if attached else MAX_BODY_BYTES


def ignores_unknown_parameters(handler: Callable[..., Any]) -> bool:
    """Return whether a handler ignores parameters that it does not have; without metadata, True."""
    attached: Operation | None = getattr(handler, _ATTRIBUTE, None)
    return attached is None or attached.ignores_unknown_parameters

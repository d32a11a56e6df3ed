"""What the API's document says of an operation, beside what its signature says.

Only what writes the document reads this: a function at work pays for keeping it and nothing more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])

_ATTRIBUTE = "__operation__"


@dataclass(frozen=True, slots=True)
class Bare:
    """What an answer holds that is no envelope: its media type and its JSON Schema."""

    media_type: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`answers` has the type of `data` for each status that is no error; None: without content.

    An answer that is no envelope is a `Bare`.

    `errors` are the codes an operation may tell beyond those of every operation of its kind:
    UNAUTHORIZED follows from its security, VALIDATION_ERROR from its parameters and its body.
    """

    id: str
    tag: str
    answers: Mapping[int, Any] = field(default_factory=dict)
    errors: Sequence[str] = ()


def operation(
    name: str, *, tag: str, answers: Mapping[int, Any], errors: Sequence[str] = ()
) -> Callable[[Handler], Handler]:
    """Say which operation of the API a route's function is."""

    def keep(handler: Handler) -> Handler:
        setattr(handler, _ATTRIBUTE, Operation(id=name, tag=tag, answers=answers, errors=errors))
        return handler

    return keep


def operation_of(handler: Callable[..., Any]) -> Operation:
    """Return what was said of it.

    Raises:
        AttributeError: when nothing was.
    """
    said: Operation = getattr(handler, _ATTRIBUTE)
    return said

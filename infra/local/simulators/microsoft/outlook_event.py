"""An event in a mailbox of the simulated Exchange."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class GraphError(Exception):
    """Graph rejects the request; `code` is Graph's error code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class OutlookEvent:
    """An event in a mailbox; `fields` are Graph's, times in the zone they were sent in."""

    number: int
    calendar_id: str
    fields: Json
    marks: dict[str, str] = field(default_factory=dict)
    change: int = 1
    generation: int = 0
    trashed: bool = False

    @property
    def ids(self) -> tuple[str, str]:
        """The immutable id and the id that changes with every move."""
        immutable = f"AAkA/{self.number}=={self.generation}"
        return immutable, f"AAMk/{self.number}=={self.generation}+{self.calendar_id}"

    @property
    def etag(self) -> str:
        """The etag of this version."""
        return f'W/"DwAAABYAAAB{self.number}/{self.change}"'

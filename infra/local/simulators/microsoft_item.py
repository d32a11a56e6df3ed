"""An event in a mailbox of the simulated Exchange."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


class Invalid(Exception):
    """The request is not one Graph takes; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass
class Item:
    """An event as the mailbox keeps it; `fields` are Graph's, times in the zone they came in."""

    number: int
    calendar_id: str
    fields: Json
    marks: dict[str, str] = field(default_factory=dict)
    change: int = 1
    generation: int = 0
    trashed: bool = False

    @property
    def ids(self) -> tuple[str, str]:
        """The immutable id and the one that changes with every move."""
        lasting = f"AAkA/{self.number}=={self.generation}"
        return lasting, f"AAMk/{self.number}=={self.generation}+{self.calendar_id}"

    @property
    def etag(self) -> str:
        """The tag of this version."""
        return f'W/"DwAAABYAAAB{self.number}/{self.change}"'

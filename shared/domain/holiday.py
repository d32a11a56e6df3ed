"""Holidays in whole local dates."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.domain.role import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Holiday:
    """The dates `first` to `last`, both included, in the zone of the person's role."""

    id: str
    name: str
    role: Role
    first: date
    last: date
    created_at: datetime

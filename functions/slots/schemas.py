"""Slots as the contract writes them."""

from typing import Any

from shared.api.fields import zulu
from shared.api.sources import source
from shared.domain.caller import Caller
from shared.domain.role import Role
from shared.domain.slot_rules import SlotStatus
from shared.domain.slots import Slot
from shared.usecases.slots import SlotDay

_COLORS = {
    SlotStatus.AVAILABLE: "green",
    SlotStatus.UNVERIFIED: "orange",
    SlotStatus.BUSY: "red",
    SlotStatus.HOLIDAY: "purple",
    SlotStatus.PAST: "grey",
}
_MINUTE = 60


def slot_day(found: SlotDay, caller: Caller) -> dict[str, Any]:
    """Return the contract's SlotDay for this caller."""
    return {
        "date": found.day.isoformat(),
        "timezone": found.zone,
        "durationMinutes": int(found.rules.length.total_seconds()) // _MINUTE,
        "stepMinutes": int(found.rules.step.total_seconds()) // _MINUTE,
        "basis": found.basis,
        "slots": [_slot(each) for each in found.slots],
        "sources": [source(each, caller) for each in found.sources],
    }


def _slot(slot: Slot) -> dict[str, Any]:
    return {
        "startTime": zulu(slot.interval.start),
        "endTime": zulu(slot.interval.end),
        "localStart": slot.local_start.isoformat(),
        "available": slot.available,
        "status": slot.status,
        "color": _COLORS[slot.status],
        "blockedBy": [role.lower() for role in slot.blocked_by if role is not Role.ADMIN],
    }

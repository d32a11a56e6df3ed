"""The time zones that the dates of a calendar object name."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo
from zoneinfo import ZoneInfo

from shared.domain.errors import CalendarMalformed
from shared.providers.apple.budget import Budget
from shared.providers.apple.own_zones import Observance, evaluated, observances_of, value_of
from shared.providers.apple.zone_names import known_zone, place_zone, zone_offsets

_MINUTE = timedelta(minutes=1)


class Zones:
    """The zones of one object: those that it defines, and those that are known by name."""

    def __init__(self, definitions: Sequence[tuple[str, ...]], budget: Budget) -> None:
        self._definitions: dict[str, tuple[str, ...]] = {}
        for lines in definitions:
            self._definitions.setdefault(_key(value_of(lines, "TZID")), lines)
        self._found: dict[str, tzinfo | None] = {}
        self._budget = budget

    def find(self, name: str) -> tzinfo | None:
        """Return the zone that a TZID means, or None if it is unknown.

        The definition decides, unless the name is one of a place or of Windows and the definition
        has no other offsets than that zone. A definition that cannot be evaluated is no definition.

        Raises:
            CalendarTooLarge: the definition exceeds a bound, or the budget is used up.
        """
        if name not in self._found:
            lines = self._definitions.get(_key(name)) if self._definitions else None
            self._found[name] = self._defined(name, lines) if lines else known_zone(name)
        return self._found[name]

    def _defined(self, name: str, lines: tuple[str, ...]) -> tzinfo | None:
        # Most objects of a calendar repeat the same definition.
        if lines not in self._budget.zones:
            self._budget.zones[lines] = _defined_zone(name, lines, self._budget)
        return self._budget.zones[lines]


def _defined_zone(name: str, lines: Sequence[str], budget: Budget) -> tzinfo | None:
    named = place_zone(name)
    try:
        observances = observances_of(lines)
        if named is not None and not _contradicts(observances, named):
            return named
        if observances:
            return evaluated(name, observances, budget)
    except CalendarMalformed:
        pass
    return named or known_zone(value_of(lines, "X-LIC-LOCATION")) or known_zone(name)


def _contradicts(observances: list[Observance], named: ZoneInfo) -> bool:
    """Return whether a definition has an offset that the zone never had since 1970."""
    offsets = zone_offsets(named.key)
    return any(
        min(abs(each.offset - offset) for offset in offsets) >= _MINUTE
        for each in observances
        if each.is_recent
    )


def _key(name: str) -> str:
    return name.replace("\\", "").strip(' "/').casefold()

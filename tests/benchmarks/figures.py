"""Measured figures and their bounds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of the table; `how` describes the measurement, or why there is no value.

    A figure without a bound is information. A counted figure is the same on every machine, so
    exceeding its bound is an error; a timed one may come from a busy machine. With `at_least` the
    bound is a minimum.
    """

    name: str
    value: float | None
    bound: float | None = None
    how: str = COUNTED
    at_least: bool = False
    counted: bool = True

    @property
    def is_within_bound(self) -> bool:
        """Whether the value respects the bound; true without a value or a bound."""
        if self.value is None or self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as text: name, value, bound, and how it was measured."""
        sign = "≥" if self.at_least else "≤"
        bound = "" if self.bound is None else f"{sign} {self.bound:g}"
        value = "none" if self.value is None else f"{self.value:.3f}".rstrip("0").rstrip(".")
        return self.name, value, bound, self.how + ("" if self.is_within_bound else "  EXCEEDED")


def table(figures: Iterable[Figure]) -> str:
    """Return a Markdown table with aligned columns."""
    rows = [("", "figure", "bound", "how measured"), *(each.cells for each in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    lines = [
        _line([text.ljust(width) for text, width in zip(row, widths, strict=True)]) for row in rows
    ]
    lines.insert(1, _line(["-" * width for width in widths]))
    return "\n".join(lines) + "\n"


def exit_code(figures: Sequence[Figure]) -> int:
    """Return 1 if a counted figure exceeds its bound, else 0."""
    return 1 if any(each.counted and not each.is_within_bound for each in figures) else 0


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

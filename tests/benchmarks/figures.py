"""What was measured, how, and how much it may be at most."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

COUNTED = "counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row: `how` it was taken; without a figure it is not there yet, and `how` says why.

    Without a bound it is told for information only. A counted figure is the same on every machine,
    so that one over its bound is a fault; a timed one may be a slow or busy machine's. `at_least`
    turns the bound round.
    """

    name: str
    value: float | None
    bound: float | None = None
    how: str = COUNTED
    at_least: bool = False
    counted: bool = True

    @property
    def is_kept(self) -> bool:
        """Whether the bound holds, if there is a figure and a bound."""
        if self.value is None or self.bound is None:
            return True
        return self.value >= self.bound if self.at_least else self.value <= self.bound

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """The row as text: what, how much, how much it may be, and how it was taken."""
        sign = "≥" if self.at_least else "≤"
        bound = "" if self.bound is None else f"{sign} {self.bound:g}"
        value = "none" if self.value is None else f"{self.value:.3f}".rstrip("0").rstrip(".")
        return self.name, value, bound, self.how + ("" if self.is_kept else "  EXCEEDED")


def table(figures: Iterable[Figure]) -> str:
    """Return the rows as lines of a Markdown table that reads well as it is."""
    rows = [("", "figure", "bound", "how taken"), *(each.cells for each in figures)]
    widths = [max(len(row[n]) for row in rows) for n in range(4)]
    lines = [
        _line([text.ljust(width) for text, width in zip(row, widths, strict=True)]) for row in rows
    ]
    lines.insert(1, _line(["-" * width for width in widths]))
    return "\n".join(lines) + "\n"


def exit_code(figures: Sequence[Figure]) -> int:
    """Return 1 when a counted figure is over its bound, else 0."""
    return 1 if any(each.counted and not each.is_kept for each in figures) else 0


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"

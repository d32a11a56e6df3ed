"""Polls a condition, with a time-out."""

import time
from collections.abc import Callable
from pathlib import Path

PATIENCE_SECONDS = 20
_STEP_SECONDS = 0.02


def until(condition: Callable[[], bool], *, seconds: float = PATIENCE_SECONDS) -> bool:
    """Return True as soon as `condition` holds, False after that many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(_STEP_SECONDS)
    return True


def ended(process: int) -> bool:
    """Return whether the process with this id has ended (it may still be a zombie)."""
    return until(lambda: not _runs(process))


def _runs(process: int) -> bool:
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"

"""Finding processes by a mark in their environment, which everything they start inherits."""

import uuid
from pathlib import Path

MARK = "CALENDAR_SERVICE_TEST_RUN"


def fresh_mark() -> dict[str, str]:
    """Return a variable no other process has."""
    return {MARK: uuid.uuid4().hex}


def marked(mark: dict[str, str]) -> list[int]:
    """Return the ids of the live processes that have the variable."""
    wanted = f"{MARK}={mark[MARK]}".encode()
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _has(folder, wanted)]


def _has(folder: Path, wanted: bytes) -> bool:
    try:
        return wanted in (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        # It ended while we looked, or is somebody else's.
        return False

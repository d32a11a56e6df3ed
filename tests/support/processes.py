"""Finds processes by a variable in their environment, which their children inherit."""

import uuid
from pathlib import Path

MARK = "CALENDAR_SERVICE_TEST_RUN"


def fresh_mark() -> dict[str, str]:
    """Return an environment variable that no other process has."""
    return {MARK: uuid.uuid4().hex}


def marked(mark: dict[str, str]) -> list[int]:
    """Return the ids of the running processes that have the variable."""
    entry = f"{MARK}={mark[MARK]}".encode()
    return [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if _has(folder, entry)]


def _has(folder: Path, entry: bytes) -> bool:
    try:
        return entry in (folder / "environ").read_bytes().split(b"\0")
    except OSError:
        # The process has just ended or belongs to another user.
        return False

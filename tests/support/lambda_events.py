"""The payloads under events/, as AWS would send them."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "events"


def names(function: str) -> list[str]:
    """Return the names of a function's payloads of records, in order; there is at least one."""
    every = sorted(path.stem for path in (FOLDER / function).glob("*.json"))
    found = [name for name in every if "Records" in payload(function, name)]
    assert found, f"no payloads for {function}"
    return found


def payload(function: str, name: str) -> dict[str, Any]:
    """Return one payload."""
    loaded: dict[str, Any] = json.loads((FOLDER / function / f"{name}.json").read_text())
    return loaded


def ses_event(name: str) -> dict[str, Any]:
    """Return what SES published in one of `ses_notifications`' payloads."""
    text = payload("ses_notifications", name)["Records"][0]["Sns"]["Message"]
    event: dict[str, Any] = json.loads(text)
    return event

"""The payloads under events/."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "events"


def names(function: str) -> list[str]:
    """Return the sorted names of a function's payloads with records; at least one must exist."""
    stems = sorted(path.stem for path in (FOLDER / function).glob("*.json"))
    matching = [name for name in stems if "Records" in payload(function, name)]
    assert matching, f"no payloads for {function}"
    return matching


def payload(function: str, name: str) -> dict[str, Any]:
    """Return one payload."""
    loaded: dict[str, Any] = json.loads((FOLDER / function / f"{name}.json").read_text())
    return loaded


def ses_event(name: str) -> dict[str, Any]:
    """Return the SES event in one of the `ses_notifications` payloads."""
    text = payload("ses_notifications", name)["Records"][0]["Sns"]["Message"]
    event: dict[str, Any] = json.loads(text)
    return event

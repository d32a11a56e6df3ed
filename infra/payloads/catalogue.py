"""Every payload by the name of its file, `<function>/<what>`, and what each needs first."""

import json
from pathlib import Path

from infra.payloads.requests import requests
from infra.payloads.samples import SAMPLES
from infra.payloads.shapes import Payload
from infra.payloads.workers import FIRST, workers

FOLDER = Path(__file__).parents[2] / "events"
"""Where the payloads are."""

BY_HAND = "ses_notifications"
"""The one folder that also has payloads not written here: SNS's, one for all that SES may tell."""


def written() -> dict[str, Payload]:
    """Return what the files written here hold."""
    return requests() | workers()


def first(name: str) -> tuple[str, ...]:
    """Return the payloads to invoke before this one, so that it finds what it is about."""
    return SAMPLES[name].first if name in SAMPLES else FIRST.get(name, ())


def path(name: str) -> Path:
    """Return where the payload of that name is."""
    return FOLDER / f"{name}.json"


def name_of(file: Path) -> str:
    """Return the name of the payload in that file, which need not be one of these."""
    return f"{file.parent.name}/{file.stem}"


def as_text(payload: Payload) -> str:
    """Return a payload as it is kept in a file."""
    return json.dumps(payload, indent=2, ensure_ascii=False) + "\n"


def read(file: Path) -> Payload:
    """Return the payload in a file.

    Raises:
        OSError: when it cannot be read.
        ValueError: when it holds no JSON object.
    """
    payload = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(payload, dict):
        raise ValueError(f"{file} holds no JSON object")  # noqa: TRY004 - wrong text, not a wrong type
    return payload


def write(folder: Path = FOLDER) -> None:
    """Write every payload, and remove those that were written once and no longer are."""
    kept = {folder / f"{name}.json": as_text(payload) for name, payload in written().items()}
    for file in folder.glob("*/*.json"):
        if file not in kept and file.parent.name != BY_HAND:
            file.unlink()
    for file, text in kept.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

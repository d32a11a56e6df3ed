"""The payloads by name, `<function>/<what>`, with their files and prerequisites."""

import json
from pathlib import Path

from infra.payloads.domain_events import domain_event_files
from infra.payloads.requests import requests
from infra.payloads.samples import SAMPLES
from infra.payloads.shapes import Payload
from infra.payloads.workers import PREREQUISITES, workers

FOLDER = Path(__file__).parents[2] / "events"
"""The folder of the payloads."""

HANDWRITTEN = "ses_notifications"
"""The folder that also has handwritten payloads: one per kind of SES notification."""


def generated() -> dict[str, Payload]:
    """Return the generated payloads by name."""
    return requests() | workers()


def prerequisites(name: str) -> tuple[str, ...]:
    """Return the payloads to invoke before this one, in order, to create the data it needs."""
    return SAMPLES[name].prerequisites if name in SAMPLES else PREREQUISITES.get(name, ())


def path(name: str) -> Path:
    """Return the file of a payload."""
    return FOLDER / f"{name}.json"


def name_of(file: Path) -> str:
    """Return the name of the payload in a file, which may be one that is not generated."""
    return f"{file.parent.name}/{file.stem}"


def as_text(payload: Payload) -> str:
    """Return a payload as the text of its file."""
    return json.dumps(payload, indent=2, ensure_ascii=False) + "\n"


def read(file: Path) -> Payload:
    """Return the payload in a file.

    Raises:
        OSError: when the file cannot be read.
        ValueError: when the file is not a JSON object.
    """
    payload = json.loads(file.read_text(encoding="utf-8"))
    if not isinstance(payload, dict):
        raise ValueError(f"{file} is not a JSON object")  # noqa: TRY004 - wrong content, not a wrong type
    return payload


def write(folder: Path = FOLDER) -> None:
    """Write every payload and schema, and delete files that are no longer generated."""
    contents = generated() | domain_event_files()
    texts = {folder / f"{name}.json": as_text(content) for name, content in contents.items()}
    for file in folder.glob("*/*.json"):
        if file not in texts and file.parent.name != HANDWRITTEN:
            file.unlink()
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

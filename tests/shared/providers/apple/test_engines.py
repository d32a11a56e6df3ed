"""Our reader, libical and ical.js read the same series and the same time zones."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from shared.domain.interval import Interval
from shared.providers.apple.budget import Budget
from shared.providers.apple.content_lines import unfolded
from shared.providers.apple.entries import CaldavEntryReader
from shared.providers.apple.object_zones import Zones
from shared.providers.apple.own_zones import OwnZone
from tests.support import libical_times
from tests.support.invitation_readers import CONTRACT
from tests.support.series_samples import WINDOW, ZONES, Sample, samples

pytestmark = pytest.mark.long

SERIES = 2_200
AGREED = 2_000
"""The least number of series on which libical and ical.js agree."""

WALLS = [
    datetime(year, month, day, 12)  # noqa: DTZ001 - a local time
    for year in range(1970, 2037, 9)
    for month in (1, 3, 4, 7, 10, 11)
    for day in (2, 20)
]
FROM, TO = (int(each.timestamp()) for each in WINDOW)
Spans = list[tuple[int, int]]


def as_ical_js_reads(question: dict[str, Any], folder: Path) -> dict[str, Any]:
    node = shutil.which("node")
    assert node, "install node; `make setup` also needs it"
    file = folder / "question.json"
    file.write_text(json.dumps({"series": [], "zones": [], "known": {}} | question))
    process = subprocess.run(  # noqa: S603 - our own script
        [node, str(CONTRACT / "expand.js"), str(file)], capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(process.stdout)
    return answer


def as_we_read(text: str) -> Spans:
    reader = CaldavEntryReader(connection_id="c", addresses=frozenset(), zone="UTC")
    within = Interval(*WINDOW)
    spans = [each.interval for each in reader.entries(text, "/x", within=within, budget=Budget())]
    seconds = [(int(each.start.timestamp()), int(each.end.timestamp())) for each in spans]
    return sorted(each for each in seconds if each[0] >= FROM)


def starts(spans: Spans | None) -> list[int] | None:
    return None if spans is None else sorted({start for start, _ in spans})


def named(definition: str, name: str) -> str:
    """Return the definition with another name, and without the place."""
    lines = [each for each in unfolded(definition) if not each.startswith(("TZID", "X-LIC"))]
    return "\r\n".join([lines[0], f"TZID:{name}", *lines[1:], ""])


def test_every_engine_finds_the_same_occurrences(tmp_path: Path) -> None:
    series = samples(SERIES, seed=20_270_201)
    known = libical_times.zone_definitions()
    definitions = {zone: named(known[zone], zone) for zone in ZONES}
    texts = [each.text(definitions.get(each.zone or "", "")) for each in series]
    asked = [{"text": each.text(), "from": FROM, "to": TO} for each in series]

    by_js = as_ical_js_reads({"series": asked, "known": definitions}, tmp_path)["series"]
    by_libical = [libical_times.occurrences(each, FROM, TO) for each in texts]
    ours = [as_we_read(each) for each in texts]

    agreed = [n for n in range(SERIES) if starts(by_js[n]) == starts(by_libical[n])]
    different = [series[n] for n in agreed if starts(ours[n]) != starts(by_libical[n])]
    assert len(agreed) >= AGREED
    assert different == []
    assert longer_or_shorter(series, ours, by_libical) == []


def longer_or_shorter(
    series: Sequence[Sample], ours: Sequence[Spans], libicals: Sequence[Spans | None]
) -> list[Sample]:
    """Return the series of times to which libical gives another length."""
    return [
        sample
        for sample, own, other in zip(series, ours, libicals, strict=True)
        if starts(own) == starts(other)
        and "VALUE=DATE" not in sample.lines[0]
        and own != sorted(set(other or []))
    ]


def test_every_engine_evaluates_the_zones_of_libical_alike(tmp_path: Path) -> None:
    definitions = {
        place: named(text, "Own") for place, text in libical_times.zone_definitions().items()
    }
    walls = [f"{each:%Y-%m-%dT%H:%M:%S}" for each in WALLS]
    asked = [{"definition": each, "times": walls} for each in definitions.values()]
    parts = [(each.year, each.month, each.day, each.hour, 0, 0) for each in WALLS]

    by_js = as_ical_js_reads({"zones": asked}, tmp_path)["zones"]
    by_libical = [libical_times.instants(each, parts) for each in definitions.values()]
    ours = [instants(evaluated(each)) for each in definitions.values()]

    different = [
        (place, WALLS[n])
        for place, own, *others in zip(definitions, ours, by_js, by_libical, strict=True)
        for n in range(len(WALLS))
        if own[n] != others[1][n] and (others[0] is None or others[0][n] == others[1][n])
    ]
    assert len(definitions) > 400
    assert different == []


def evaluated(definition: str) -> OwnZone:
    zone = Zones([tuple(unfolded(definition))], Budget()).find("Own")
    assert isinstance(zone, OwnZone)
    return zone


def instants(zone: OwnZone) -> list[int]:
    return [int(each.replace(tzinfo=zone).timestamp()) for each in WALLS]


def test_a_zone_that_libical_writes_is_the_zone_of_its_place() -> None:
    wrong = []
    for place, text in libical_times.zone_definitions().items():
        lines = tuple(unfolded(text))
        name = next(each for each in lines if each.startswith("TZID")).partition(":")[2]
        if Zones([lines], Budget()).find(name) != ZoneInfo(place):
            wrong.append(place)

    assert wrong == []

"""The dates of the examples fit the fixed clock that `make invoke` and the example tests use."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from infra.openapi.descriptions import PARAMETERS
from infra.openapi.examples import EXAMPLE_NOW, all_examples
from shared.domain.agenda import MAX_SESSION

ABOUT_THE_PAST = {"replayWebhook"}
"""Operations whose dates must be before the example clock."""

DATE = re.compile(r"\d{4}-\d\d-\d\d(T.*)?")


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from texts(each)


def instant(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def test_every_date_in_an_example_body_is_after_the_example_clock() -> None:
    bodies = {name: each for name, each in all_examples().items() if name not in ABOUT_THE_PAST}
    dates = [each for each in texts(list(bodies.values())) if DATE.fullmatch(each)]

    assert [] == [each for each in dates if instant(each) <= EXAMPLE_NOW]
    assert len(dates) > 20


def test_every_event_in_an_example_body_has_a_valid_length() -> None:
    bodies = [
        body
        for operation in ("createEvent", "updateEvent")
        for body in all_examples()[operation].values()
        if "startTime" in body
    ]

    lengths = [instant(each["endTime"]) - instant(each["startTime"]) for each in bodies]

    assert [] == [each for each in lengths if not MAX_SESSION >= each > MAX_SESSION * 0]
    assert lengths


def test_the_example_parameters_are_after_the_example_clock() -> None:
    year, month = PARAMETERS["year"][1], PARAMETERS["month"][1]

    assert instant(PARAMETERS["date"][1]) > EXAMPLE_NOW
    assert instant(PARAMETERS["dateTime"][1]) > EXAMPLE_NOW
    assert date(year, month, 1) > EXAMPLE_NOW.date()

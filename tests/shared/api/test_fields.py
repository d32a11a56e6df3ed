from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from shared.api import fields, instants
from shared.domain.event import Owner
from shared.domain.role import Role

TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


def parse(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def is_rejected(kind: Any, value: Any) -> bool:
    with pytest.raises(ValidationError):
        parse(kind, value)
    return True


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T10:00:00Z",
        "2026-11-24t10:00:00z",
        "2026-11-24 10:00:00Z",
        "2026-11-24T10:00Z",
        "2026-11-24T10:00:00",
        "2026-11-24T10:00:00.000000000Z",
        "2026-11-24T15:30:00+05:30",
        "2026-11-24T15:30:00+0530",
        "2026-11-24T15:30:00 05:30",
        "2026-11-23T22:00:00-12:00",
        "2026-11-25T00:00:00+14:00",
    ],
)
def test_an_instant_is_accepted_in_every_rfc_3339_spelling(text: str) -> None:
    parsed = parse(instants.Instant, text)

    assert (parsed, parsed.tzinfo) == (TEN, UTC)


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 3),  # noqa: DTZ001 - Hypothesis requires naive bounds
        max_value=datetime(2199, 12, 29),  # noqa: DTZ001 - see above
        timezones=st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York")]),
    )
)
def test_a_formatted_instant_parses_to_the_same_instant(instant: datetime) -> None:
    text = instants.zulu(instant)

    assert text.endswith("Z")
    assert parse(instants.Instant, text) == instant.astimezone(UTC)
    assert parse(instants.Instant, instant.isoformat()) == instant.astimezone(UTC)


@pytest.mark.parametrize(
    ("first", "last"),
    [("1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z")],
)
def test_the_supported_years_are_1970_to_2199_in_utc(first: str, last: str) -> None:
    assert parse(instants.Instant, first) == datetime(1970, 1, 1, tzinfo=UTC)
    assert parse(instants.Instant, last).year == 2199
    for outside in ("1970-01-01T00:00:00+00:01", "2199-12-31T23:59:59-00:01", "2200-01-01T00:00Z"):
        assert is_rejected(instants.Instant, outside)


def test_an_offset_out_of_range_is_rejected() -> None:
    assert is_rejected(instants.Instant, "2026-11-24T10:00:00+24:00")
    assert is_rejected(instants.Instant, "2026-11-24T10:00:00+99:99")


@pytest.mark.parametrize(
    ("value", "text"), [(1, "1"), (10**63, str(10**63)), ("007", "007"), ("a-_Z9", "a-_Z9")]
)
def test_an_id_is_an_integer_or_a_string_and_becomes_a_string(value: Any, text: str) -> None:
    assert parse(fields.UserId, value) == text
    assert parse(fields.SessionId, value) == text


@pytest.mark.parametrize("value", [0, -1, 10**64, True, 1.0, None, "", " a", "a\n", "é", b"a", []])
def test_anything_else_is_not_an_id(value: Any) -> None:
    assert is_rejected(fields.UserId, value)
    assert is_rejected(fields.ParticipantIds, [value])


def test_participants_are_one_or_several_ids_without_duplicates_in_order() -> None:
    assert parse(fields.ParticipantIds, 7) == ("7",)
    assert parse(fields.ParticipantIds, ["b", 7, "a", "7", "b"]) == ("b", "7", "a")
    assert parse(fields.ParticipantIds, []) == ()
    assert is_rejected(fields.ParticipantIds, [f"u{n}" for n in range(51)])


@pytest.mark.parametrize("text", ["coach", "COACH", "cOaCh", "Coach"])
def test_roles_are_parsed_case_insensitively(text: str) -> None:
    assert parse(fields.RoleName, text) is Role.COACH


def test_an_owner_is_not_a_role_and_a_role_is_not_an_owner() -> None:
    assert parse(fields.OwnerName, "coachee") is Owner.COACHEE
    assert is_rejected(fields.RoleName, "coachee")
    assert is_rejected(fields.OwnerName, "learner")


def test_a_date_has_one_spelling_and_no_time() -> None:
    assert parse(instants.Day, "2028-02-29") == date(2028, 2, 29)
    for text in ("2027-02-29", "20261124", "2026-W48-2", "2026-11-24T00:00", " 2026-11-24"):
        assert is_rejected(instants.Day, text)


@pytest.mark.parametrize(
    "address", ["ada@example.org", "a.b+c@x-y.example.org", f"{'a' * 64}@example.org"]
)
def test_addresses_of_the_usual_form_are_accepted(address: str) -> None:
    assert parse(fields.Email, address) == address


def test_an_address_is_normalised_to_the_form_used_for_mail() -> None:
    assert "Ada@xn--bcher-kva.example" == parse(fields.Email, "Ada@Bücher.example")


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.org\r\nBcc: eve@evil.example",
        "ada@example.org\n",
        "Ada <ada@example.org>",
        '"ada"@example.org',
        "ada@example.org,eve@evil.example",
        "ädä@example.org",
    ],
)
def test_an_address_that_could_inject_a_header_or_another_recipient_is_rejected(
    address: str,
) -> None:
    assert is_rejected(fields.Email, address)


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@x.org", "ada@x", "a b@x.org", "ada@-x.org", "a@x..org", f"{'a' * 65}@x.org"],
)
def test_addresses_of_other_forms_are_rejected(address: str) -> None:
    assert is_rejected(fields.Email, address)


class Counted:
    """Counts the items that are parsed."""

    def __init__(self) -> None:
        self.items = 0

    def parse(self, value: Any) -> Any:
        """Count one item, and reject it."""
        self.items += 1
        raise ValueError(f"{value} is wrong")


@pytest.mark.parametrize(("length", "parsed"), [(3, 3), (4, 0), (100_000, 0)])
def test_a_list_that_is_too_long_is_rejected_before_its_items(length: int, parsed: int) -> None:
    counted = Counted()
    kind = Annotated[tuple[Annotated[str, BeforeValidator(counted.parse)], ...], fields.at_most(3)]

    assert is_rejected(kind, ["x"] * length)
    assert parsed == counted.items


def test_a_list_that_is_too_long_is_reported_in_the_terms_of_json() -> None:
    for value, message in (([1] * 4, "must have at most 3 items"), (None, "must be an array")):
        with pytest.raises(ValidationError, match=message):
            parse(Annotated[tuple[int, ...], fields.at_most(3)], value)


def test_too_many_ids_are_rejected_even_if_they_are_the_same() -> None:
    assert is_rejected(fields.ParticipantIds, ["a"] * 51)

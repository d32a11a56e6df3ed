from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.api import fields
from shared.domain.event import Owner
from shared.domain.role import Role

TEN = datetime(2026, 11, 24, 10, tzinfo=UTC)


def read(kind: Any, value: Any) -> Any:
    return TypeAdapter(kind).validate_python(value)


def is_refused(kind: Any, value: Any) -> bool:
    with pytest.raises(ValidationError):
        read(kind, value)
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
def test_an_instant_is_read_in_every_rfc_3339_spelling(text: str) -> None:
    found = read(fields.Instant, text)

    assert (found, found.tzinfo) == (TEN, UTC)


@given(
    st.datetimes(
        min_value=datetime(1970, 1, 3),  # noqa: DTZ001 - Hypothesis wants bounds without a zone
        max_value=datetime(2199, 12, 29),  # noqa: DTZ001 - see above
        timezones=st.sampled_from([UTC, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/New_York")]),
    )
)
def test_an_instant_told_is_read_as_the_same(instant: datetime) -> None:
    told = fields.zulu(instant)

    assert told.endswith("Z")
    assert read(fields.Instant, told) == instant.astimezone(UTC)
    assert read(fields.Instant, instant.isoformat()) == instant.astimezone(UTC)


@pytest.mark.parametrize(
    ("first", "last"),
    [("1970-01-01T00:00:00Z", "2199-12-31T23:59:59.999999Z")],
)
def test_the_years_are_1970_to_2199_of_utc(first: str, last: str) -> None:
    assert read(fields.Instant, first) == datetime(1970, 1, 1, tzinfo=UTC)
    assert read(fields.Instant, last).year == 2199
    for far in ("1970-01-01T00:00:00+00:01", "2199-12-31T23:59:59-00:01", "2200-01-01T00:00Z"):
        assert is_refused(fields.Instant, far)


def test_an_offset_out_of_range_is_refused() -> None:
    assert is_refused(fields.Instant, "2026-11-24T10:00:00+24:00")
    assert is_refused(fields.Instant, "2026-11-24T10:00:00+99:99")


@pytest.mark.parametrize(
    ("value", "told"), [(1, "1"), (10**63, str(10**63)), ("007", "007"), ("a-_Z9", "a-_Z9")]
)
def test_an_id_is_an_integer_or_a_string_and_a_string_inside(value: Any, told: str) -> None:
    assert read(fields.UserId, value) == told
    assert read(fields.SessionId, value) == told


@pytest.mark.parametrize("value", [0, -1, 10**64, True, 1.0, None, "", " a", "a\n", "é", b"a", []])
def test_anything_else_is_no_id(value: Any) -> None:
    assert is_refused(fields.UserId, value)
    assert is_refused(fields.ParticipantIds, [value])


def test_participants_are_one_id_or_several_each_once_in_order() -> None:
    assert read(fields.ParticipantIds, 7) == ("7",)
    assert read(fields.ParticipantIds, ["b", 7, "a", "7", "b"]) == ("b", "7", "a")
    assert read(fields.ParticipantIds, []) == ()
    assert is_refused(fields.ParticipantIds, [f"u{n}" for n in range(51)])


@pytest.mark.parametrize("text", ["coach", "COACH", "cOaCh", "Coach"])
def test_roles_are_read_in_any_case(text: str) -> None:
    assert read(fields.RoleName, text) is Role.COACH


def test_an_owner_is_no_role_and_the_other_way_round() -> None:
    assert read(fields.OwnerName, "coachee") is Owner.COACHEE
    assert is_refused(fields.RoleName, "coachee")
    assert is_refused(fields.OwnerName, "learner")


def test_a_date_has_no_time_and_no_other_spelling() -> None:
    assert read(fields.Day, "2028-02-29") == date(2028, 2, 29)
    for text in ("2027-02-29", "20261124", "2026-W48-2", "2026-11-24T00:00", " 2026-11-24"):
        assert is_refused(fields.Day, text)


@given(st.text())
def test_a_line_of_text_is_kept_as_it_is_or_refused(text: str) -> None:
    try:
        kept = fields.one_line(text)
    except ValueError:
        assert any(not each.isprintable() for each in text)
    else:
        assert kept == text
        assert "\n" not in kept
        assert "\r" not in kept
        assert len(kept.splitlines()) <= 1


@pytest.mark.parametrize("text", ["Ünï 🗓", "אבג", "a\u200db", "x" * 300])
def test_a_title_may_be_in_any_script(text: str) -> None:
    assert read(fields.Title, text) == text


@pytest.mark.parametrize(
    "address", ["ada@example.org", "a.b+c@x-y.example.org", f"{'a' * 64}@example.org"]
)
def test_an_address_of_the_usual_form_is_one(address: str) -> None:
    assert read(fields.Email, address) == address


def test_an_address_is_kept_as_mail_goes_to_it() -> None:
    assert "Ada@xn--bcher-kva.example" == read(fields.Email, "Ada@Bücher.example")


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
def test_an_address_that_could_reach_a_header_or_somebody_else_is_none(address: str) -> None:
    assert is_refused(fields.Email, address)


@pytest.mark.parametrize(
    "address",
    ["ada", "ada@", "@x.org", "ada@x", "a b@x.org", "ada@-x.org", "a@x..org", f"{'a' * 65}@x.org"],
)
def test_an_address_of_another_form_is_none(address: str) -> None:
    assert is_refused(fields.Email, address)

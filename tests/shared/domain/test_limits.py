"""The table of limits agrees with the settings and with docs/limits.md."""

from datetime import timedelta

import pytest

from infra.local.processes import ROOT
from shared.api.errors import STATUS
from shared.domain.errors import TooManyRequests
from shared.domain.limits import LIMITS, Limit
from shared.settings import Settings

PAGE = (ROOT / "docs" / "limits.md").read_text()
WINDOWS = {
    "": None,
    "minute": timedelta(minutes=1),
    "10 minutes": timedelta(minutes=10),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
}
each_limit = pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.setting)


def rows() -> dict[str, list[str]]:
    """Return the cells of every row of the page's table, by setting."""
    cells = [line.strip("| ").split("|") for line in PAGE.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in cells}


def test_the_page_has_exactly_the_limits_in_order() -> None:
    assert list(rows()) == [limit.setting.upper() for limit in LIMITS]


@each_limit
def test_the_page_has_the_default_and_what_is_counted(limit: Limit) -> None:
    default, per, window, *_ = rows()[limit.setting.upper()]

    assert default == str(Settings.model_fields[limit.setting].default)
    assert per == limit.per
    assert WINDOWS[window] == limit.window


@each_limit
def test_the_page_has_the_response_over_the_limit(limit: Limit) -> None:
    over = rows()[limit.setting.upper()][-1]
    error = limit.exceeded(1)

    if limit.setting.startswith("mails_"):
        assert over == "the mail waits"
    else:
        code = "" if isinstance(error, TooManyRequests) else f" `{error.code}`"
        assert over == f"{STATUS[error.code]}{code}"


@each_limit
def test_the_message_names_the_number(limit: Limit) -> None:
    assert " 17 " in limit.exceeded(17).message


def test_every_setting_that_is_a_limit_is_in_the_table() -> None:
    counts = {
        name
        for name, field in Settings.model_fields.items()
        if field.annotation is int and "_per_" in name
    }

    assert counts == {limit.setting for limit in LIMITS}


@each_limit
def test_a_negative_limit_is_rejected(limit: Limit) -> None:
    required = {
        "EVENTS_TABLE": "e",
        "CONNECTIONS_TABLE": "c",
        "AUTH_ISSUER": "i",
        "AUTH_AUDIENCE": "a",
    }

    with pytest.raises(ValueError, match=limit.setting):
        Settings.read({**required, limit.setting.upper(): "-1"})

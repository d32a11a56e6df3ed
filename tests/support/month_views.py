"""Requests for slots and months that must succeed, and access to a day of a month."""

from typing import Any

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.requests import MONTH
from tests.support.service import User, call_api, fresh_id
from tests.support.store_samples import connection

TUESDAY = "2026-11-24"
A_MONTH = {"year": 2026, "month": 11}


def month(who: User, path: str = MONTH, **query: Any) -> Any:
    """Return the month of `TUESDAY`."""
    return get_data(who, path, **{**A_MONTH, **query})


def get_data(who: User, path: str, **query: Any) -> Any:
    """Return the data of a slots or month response."""
    response = call_api("GET", path, who, query=query)
    assert response.status == 200, response.json
    return response.data


def day_of(view: Any, date: str = TUESDAY) -> Any:
    """Return one day of a month."""
    return next(each for each in view["days"] if each["date"] == date)


def break_calendar(who: User) -> str:
    """Connect a calendar that cannot be read, and return the connection's id."""
    broken = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.RECONNECT_REQUIRED)
    wiring.people_store().save_connection(broken)
    return broken.id

"""Asking for slots and months that must be answered, and finding a day in what is told."""

from typing import Any

from shared import wiring
from shared.domain.connection import ConnectionStatus
from tests.support.requests import MONTH
from tests.support.service import User, ask, fresh_id
from tests.support.store_samples import connection

TUESDAY = "2026-11-24"
A_MONTH = {"year": 2026, "month": 11}


def month(who: User, path: str = MONTH, **query: Any) -> Any:
    """Return the month of that Tuesday."""
    return told(who, path, **{**A_MONTH, **query})


def told(who: User, path: str, **query: Any) -> Any:
    """Return what is told of slots or a month."""
    answer = ask("GET", path, who, query=query)
    assert answer.status == 200, answer.json
    return answer.data


def day_of(view: Any, date: str = TUESDAY) -> Any:
    """Return one day of a month."""
    return next(each for each in view["days"] if each["date"] == date)


def break_calendar(who: User) -> str:
    """Give somebody a calendar that cannot be read; return the id of its connection."""
    broken = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.RECONNECT_REQUIRED)
    wiring.people().save_connection(broken)
    return broken.id

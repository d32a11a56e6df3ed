"""Users for whom different things are stored, from nothing to windows in another role."""

from typing import Any

from shared import wiring
from shared.domain.connection import ConnectionStatus, Provider
from tests.support.service import User, book, call_api, coach, fresh_id, learner
from tests.support.store_samples import connection

SESSION_DAY, ANY_DAY, HOLIDAY = DAYS = ("2026-11-24", "2026-11-25", "2026-12-24")
"""The dates of the sessions and holidays of these users, and a date between them."""

WEEK = {"tuesday": [{"startTime": "09:00", "endTime": "17:00"}]}
NOTHING_IN_IT: dict[str, list[Any]] = {}


def unknown() -> User:
    """Return a user for whom nothing is stored."""
    return coach()


def known_by_roles_only() -> User:
    """Return a user for whom only roles are stored."""
    who = learner()
    wiring.people_store().save_profile(who.id, email=f"{who.id}@example.org", roles=frozenset())
    return who


def with_zone_only() -> User:
    """Return a user who has set a time zone far from UTC and nothing else."""
    who = coach()
    zone = {"role": "Coach", "timezone": "Pacific/Kiritimati"}
    assert call_api("PUT", "/api/v1/availability/timezone", who, body=zone).status == 200
    return who


def with_holidays_only() -> User:
    """Return a user who has a holiday and nothing else."""
    who = coach()
    off = {"name": "x", "role": "Coach", "startDate": HOLIDAY, "endDate": HOLIDAY}
    assert call_api("POST", "/api/v1/holidays", who, body=off).status == 201
    return who


def with_sessions_only() -> User:
    """Return a user who has a session on one date and nothing else."""
    who = coach()
    book(who, who.id, learner().id)
    return who


def with_a_cancelled_session() -> User:
    """Return a user whose only session was cancelled."""
    who = coach()
    session = book(who, who.id, learner().id)["id"]
    cancelled = call_api("POST", "/api/v1/events/cancel", who, body={"sessionId": session})
    assert cancelled.status == 200
    return who


def with_unreadable_calendars() -> User:
    """Return a user with calendars of two providers that cannot be read, for two reasons."""
    who = coach()
    for provider, status in (
        (Provider.GOOGLE, ConnectionStatus.ACTIVE),
        (Provider.APPLE, ConnectionStatus.RECONNECT_REQUIRED),
    ):
        broken = connection(fresh_id("c"), user_id=who.id, provider=provider, status=status)
        wiring.people_store().save_connection(broken)
    return who


def never_available() -> User:
    """Return a user whose week has no windows."""
    return with_week("Learner", learner(), NOTHING_IN_IT)


def busy_in_another_role() -> User:
    """Return a user with windows in another role, holidays and sessions that do not matter here."""
    who = with_week("Learner", User(fresh_id("both"), ("Coach", "Learner")), WEEK)
    off = {"name": "x", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}
    assert call_api("POST", "/api/v1/holidays", who, body=off).status == 201
    book(who, who.id, learner().id)
    return who


def connected() -> User:
    """Return a user with a calendar that would be read if it could change the result."""
    who = busy_in_another_role()
    broken = connection(fresh_id("c"), user_id=who.id, status=ConnectionStatus.ACTIVE)
    wiring.people_store().save_connection(broken)
    return who


def with_week(role: str, who: User, week: dict[str, Any]) -> User:
    """Set a week of windows for a role of the user, and return the user."""
    body = {"role": role, "timezone": "UTC", "availability": week}
    assert call_api("PUT", "/api/v1/availability", who, body=body).status == 200
    return who

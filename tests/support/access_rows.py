"""The requests of the access tests: at least one for every rule of every route."""

from typing import Any
from urllib.parse import urlsplit

from infra.access import CallerRule
from infra.local.simulators.google import GUEST_SCOPES
from shared.domain.time_policy import TimeQuestion
from tests.support import access_requests as requests
from tests.support.access import Kind, People, SessionKind
from tests.support.access_case import AccessCase
from tests.support.access_requests import DAY, EVENTS, GUESTS, Prepare, RouteRequest, Servers
from tests.support.access_session_rows import SESSION_ROWS
from tests.support.consent import consent
from tests.support.cookie_jar import CookieJar
from tests.support.icloud_simulator import PASSWORD, USERNAME
from tests.support.oauth_flows import (
    BOTH,
    OWN_BROWSER,
    PAGE,
    authorization_url,
    confirmation,
    follow_callback,
    query_of,
)
from tests.support.service import admin, call_api, fresh_id
from tests.support.sns_signer import message


def _start(provider: str) -> Prepare:
    return lambda *_: RouteRequest({"provider": provider})


def _callback(provider: str) -> Prepare:
    """Let the coach consent at the provider, in one browser. The callback needs no token."""

    def prepare(people: People, _: SessionKind, servers: Servers) -> RouteRequest:
        email = servers.simulators.new_google_account() if provider == "google" else None
        url = authorization_url(people.user(Kind.COACH), provider)
        location = consent(url, email=email)
        path = urlsplit(location).path
        assert path == f"/api/v1/auth/{provider}/callback"
        return RouteRequest(query=query_of(location), headers=OWN_BROWSER.header(path))

    return prepare


def _completion(people: People, _: SessionKind, servers: Servers) -> RouteRequest:
    """Let the coach start in one browser and consent in another."""
    email = servers.simulators.new_google_account()
    url = authorization_url(people.user(Kind.COACH), "google", return_to=PAGE)
    redirect = follow_callback(consent(url, email=email), browser=CookieJar())
    return RouteRequest({"provider": "google"}, body={"completion": confirmation(redirect)})


def _caldav_account(_: People, __: SessionKind, servers: Servers) -> RouteRequest:
    return RouteRequest(
        body={"username": USERNAME, "password": PASSWORD, "serverUrl": servers.caldav}
    )


def _connected(people: People, session: SessionKind, servers: Servers) -> RouteRequest:
    request = _caldav_account(people, session, servers)
    coach = people.user(Kind.COACH)
    created = call_api("POST", "/api/v1/auth/apple/connect", coach, body=request.body).data
    return RouteRequest({"connectionId": created["id"]})


def _tokens(people: People, _: SessionKind, servers: Servers) -> RouteRequest:
    email = servers.simulators.new_google_account()
    access_token, _refresh = servers.simulators.google.authorization.grant(
        email, frozenset(GUEST_SCOPES)
    )
    body = {"userId": people.coach, "provider": "google", "email": email}
    return RouteRequest(body={**body, "accessToken": access_token})


def _holiday(people: People, *_: Any) -> RouteRequest:
    coach = people.user(Kind.COACH)
    created = call_api("POST", "/api/v1/holidays", coach, body=_HOLIDAY).data
    return RouteRequest({"holidayId": created["id"]})


def _webhook(**content: Any) -> Prepare:
    """Have an Admin register a webhook at a port that accepts no connection."""

    def prepare(people: People, *_: Any) -> RouteRequest:
        body = {"url": "http://127.0.0.1:9/"}
        created = call_api("POST", "/api/v1/webhooks", people.user(Kind.ADMIN), body=body).data
        return RouteRequest({"webhookId": created["id"]}, body=content or None)

    return prepare


def _strangers_holiday(*_: Any) -> RouteRequest:
    """Have an Admin create a holiday of a user who is none of the people."""
    stranger = {"userId": fresh_id("stranger")}
    created = call_api("POST", "/api/v1/holidays", admin(), body={**_HOLIDAY, **stranger}).data
    return RouteRequest({"holidayId": created["id"]}, query=stranger)


def _of_stranger(**values: Any) -> Prepare:
    """Send a body about a user who is none of the people."""
    return lambda *_: RouteRequest(body={**values, "userId": fresh_id("stranger")})


def _user(**query: str) -> Prepare:
    return lambda people, *_: RouteRequest(query={**query, "userId": people.coach, "role": "Coach"})


def _named_user(people: People, *_: Any) -> RouteRequest:
    return RouteRequest({"userId": people.learner})


def _erasure(people: People, *_: Any) -> RouteRequest:
    """Have the erasure of the learner requested."""
    service = people.user(Kind.ERASE_SERVICE)
    assert call_api("DELETE", f"/api/v1/users/{people.learner}", service).status == 202
    return _named_user(people)


_HOLIDAY = {"name": "Off", "role": "Coach", "startDate": "2026-12-24", "endDate": "2026-12-26"}
_WEEK = {"monday": [{"startTime": "09:00", "endTime": "17:00"}]}
_WEBHOOKS, _WEBHOOK = "/api/v1/webhooks", "/api/v1/webhooks/{webhookId}"
_SLOTS, _MONTH = "/api/v1/available-slots", "/api/v1/month-calendar"


def _anyone(method: str, path: str, rule: CallerRule, prepare: Prepare | None = None) -> AccessCase:
    return AccessCase(method, path, (rule,), prepare or (lambda *_: RouteRequest()))


ROWS: tuple[AccessCase, ...] = (
    *SESSION_ROWS,
    AccessCase(
        "GET",
        GUESTS,
        (CallerRule.PREPARE_GUESTS,),
        requests.guests(of_event=False, written=False),
        "no event",
        rejected=404,
    ),
    AccessCase(
        "PUT",
        GUESTS,
        (CallerRule.PREPARE_GUESTS,),
        requests.guests(of_event=False, written=True),
        "no event",
    ),
    *(
        _anyone("GET", path, CallerRule.PUBLIC)
        for path in ("/health", "/docs", "/console", "/api/v1/openapi.json")
    ),
    _anyone("GET", EVENTS, CallerRule.DAY_LIST, requests.day_list),
    _anyone("GET", "/api/v1/sessions", CallerRule.SESSION_LIST, requests.sessions),
    *(
        _anyone("GET", f"/api/v1/{path}", CallerRule.OWN_DATA)
        for path in (
            "availability/roles",
            "availability",
            "holidays",
            "connections",
            "welcome-notification",
        )
    ),
    *(
        AccessCase(
            "GET",
            f"/api/v1/{path}",
            (CallerRule.OTHERS_DATA,),
            requests.query(userId="stranger"),
            "another user",
        )
        for path in ("availability", "holidays", "connections")
    ),
    *(
        AccessCase(
            method,
            f"/api/v1/{path}",
            (CallerRule.OTHERS_DATA,),
            _of_stranger(**values),
            "another user",
        )
        for method, path, values in (
            ("PUT", "availability", {"role": "Coach", "timezone": "UTC", "availability": _WEEK}),
            ("PUT", "availability/timezone", {"role": "Coach", "timezone": "Asia/Kolkata"}),
            ("POST", "holidays", _HOLIDAY),
        )
    ),
    AccessCase(
        "DELETE",
        "/api/v1/holidays/{holidayId}",
        (CallerRule.OTHERS_DATA,),
        _strangers_holiday,
        "another user",
    ),
    _anyone("POST", "/api/v1/welcome-notification/seen", CallerRule.OWN_DATA),
    _anyone("GET", "/api/v1/status", CallerRule.OWN_ROLE, requests.query(role="Coach")),
    _anyone(
        "PUT",
        "/api/v1/availability",
        CallerRule.OWN_ROLE,
        requests.body(role="Coach", timezone="UTC", availability=_WEEK),
    ),
    _anyone(
        "PUT",
        "/api/v1/availability/timezone",
        CallerRule.OWN_ROLE,
        requests.body(role="Coach", timezone="Asia/Kolkata"),
    ),
    _anyone("POST", "/api/v1/holidays", CallerRule.OWN_ROLE, requests.body(**_HOLIDAY)),
    _anyone("DELETE", "/api/v1/holidays/{holidayId}", CallerRule.OWN_RECORD, _holiday),
    AccessCase("GET", _SLOTS, (TimeQuestion.PAIR,), requests.pair(date=DAY)),
    AccessCase("GET", f"{_SLOTS}-admin", (TimeQuestion.SEVERAL,), requests.pair(date=DAY)),
    AccessCase("GET", _MONTH, (TimeQuestion.PAIR,), requests.pair(**requests.MONTH)),
    AccessCase("GET", _MONTH, (TimeQuestion.COACH,), requests.month_of_coach, "one coach"),
    AccessCase("GET", _MONTH, (TimeQuestion.LEARNER,), requests.month_of_learner, "one learner"),
    AccessCase("GET", f"{_MONTH}-admin", (TimeQuestion.SEVERAL,), requests.pair(**requests.MONTH)),
    _anyone(
        "GET",
        "/api/v1/legacy/check-availability",
        CallerRule.PUBLIC,
        _user(dateTime=f"{DAY}T10:00:00Z"),
    ),
    _anyone("GET", "/api/v1/legacy/calendar-setup", CallerRule.PUBLIC, _user()),
    *(
        AccessCase(
            "GET", "/api/v1/auth/{provider}", (CallerRule.OWN_DATA,), _start(name), note=name
        )
        for name in ("google", "outlook", "apple")
    ),
    *(
        _anyone("GET", f"/api/v1/auth/{name}/callback", CallerRule.CALLBACK, _callback(name))
        for name in BOTH
    ),
    AccessCase(
        "POST",
        "/api/v1/auth/{provider}/complete",
        (CallerRule.COMPLETION,),
        _completion,
        uses_up=True,
    ),
    _anyone("POST", "/api/v1/auth/apple/connect", CallerRule.OWN_DATA, _caldav_account),
    _anyone("POST", "/api/v1/connections/auto-provision", CallerRule.PROVISION, _tokens),
    _anyone("DELETE", "/api/v1/connections/{connectionId}", CallerRule.OWN_RECORD, _connected),
    _anyone("GET", "/api/v1/users/{userId}/export", CallerRule.EXPORT, _named_user),
    AccessCase("DELETE", "/api/v1/users/{userId}", (CallerRule.ERASE,), _named_user, success=202),
    _anyone("GET", "/api/v1/users/{userId}/erasure", CallerRule.ERASE, _erasure),
    _anyone("GET", "/api/v1/changes", CallerRule.CHANGES),
    _anyone("GET", _WEBHOOKS, CallerRule.WEBHOOKS),
    _anyone("POST", _WEBHOOKS, CallerRule.WEBHOOKS, requests.body(url="http://127.0.0.1:9/")),
    _anyone("PUT", _WEBHOOK, CallerRule.WEBHOOKS, _webhook(types=["session.booked"])),
    _anyone("DELETE", _WEBHOOK, CallerRule.WEBHOOKS, _webhook()),
    _anyone("POST", f"{_WEBHOOK}/test", CallerRule.WEBHOOKS, _webhook()),
    AccessCase(
        "POST",
        f"{_WEBHOOK}/replay",
        (CallerRule.WEBHOOKS,),
        _webhook(since="2026-11-23T07:00:00Z"),
        success=202,
    ),
    _anyone("GET", f"{_WEBHOOK}/deliveries", CallerRule.WEBHOOKS, _webhook()),
    _anyone(
        "POST",
        "/api/v1/ses/notifications",
        CallerRule.SIGNATURE,
        lambda *_: RouteRequest(body=message()),
    ),
)

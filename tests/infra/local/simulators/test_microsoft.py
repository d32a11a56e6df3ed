"""The simulated Microsoft behaves as the real one where the service depends on it."""

import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx
import jwt
import pytest

from infra.local.simulators import microsoft
from infra.local.simulators.microsoft_accounts import object_id, tenant_of
from infra.local.simulators.microsoft_mailbox import CALENDAR_ID
from shared.providers.tls import tls_context

EMAIL = microsoft.EMAILS[0]
SCOPE = "openid profile email offline_access Calendars.ReadWrite MailboxSettings.Read"
BACK = "http://127.0.0.1:1/back"
MARK = "String {5f0c6a1e-8d43-4b7a-9c51-0e6f2d9b7a34} Name Colour"
IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}

# Building a TLS context of its own for each request would take longer than all else.
get = partial(httpx.get, verify=tls_context())
post = partial(httpx.post, verify=tls_context())


@pytest.fixture
def simulator() -> Iterator[microsoft.Microsoft]:
    with microsoft.serve() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: microsoft.Microsoft) -> Iterator[httpx.Client]:
    token, _ = simulator.sign_ins.grant(EMAIL, frozenset(SCOPE.split()))
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(
        base_url=simulator.graph_url, headers=headers, verify=tls_context()
    ) as client:
        yield client


def hour(at: int = 10, **changes: Any) -> dict[str, Any]:
    start, end = (
        {"dateTime": f"2026-03-02T{each:02}:00:00", "timeZone": "UTC"} for each in (at, at + 1)
    )
    return {"subject": "Yoga", "start": start, "end": end, **changes}


def view(client: httpx.Client, **query: str) -> httpx.Response:
    bounds = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00Z"}
    return client.get("/me/calendar/calendarView", params={**bounds, **query})


def event_path(event_id: str) -> str:
    return f"/me/events/{quote(event_id, safe='')}"


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["error"]["code"])


def asked(**changes: str) -> dict[str, str]:
    told = {
        "client_id": microsoft.CLIENT_ID,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": SCOPE,
        "state": "s",
        "nonce": "n",
        "code_challenge": "plain-verifier",
        "code_challenge_method": "plain",
    }
    return {**told, **changes}


def redeem(simulator: microsoft.Microsoft, code: str, **changes: str) -> httpx.Response:
    form = {
        "client_id": microsoft.CLIENT_ID,
        "client_secret": microsoft.CLIENT_SECRET,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": "plain-verifier",
    }
    return post(f"{simulator.authority}/oauth2/v2.0/token", data={**form, **changes})


def brought_back(answer: httpx.Response) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


def test_a_person_can_click_through_the_consent_page(simulator: microsoft.Microsoft) -> None:
    page = get(f"{simulator.authority}/oauth2/v2.0/authorize", params=asked()).text
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page)
    form = {name: unescape(value) for name, value in hidden}
    accounts = re.findall(r'name="account" value="([^"]+)"', page)

    answer = post(
        f"{simulator.authority}/oauth2/v2.0/authorize",
        data={**form, "account": accounts[1], "decision": "allow"},
    )

    told = redeem(simulator, brought_back(answer)["code"]).json()
    assert list(microsoft.EMAILS) == accounts
    assert accounts[1] == simulator.sign_ins.access[told["access_token"]].email


def test_declining_brings_back_an_error(simulator: microsoft.Microsoft) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"

    told = brought_back(get(place, params={**asked(), "auto": "deny"}))

    assert ("access_denied", "s") == (told["error"], told["state"])
    assert "code" not in told


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "x"},
        {"redirect_uri": "ftp://x"},
        {"response_type": "token"},
        {"scope": ""},
        {"response_mode": "fragment"},
    ],
)
def test_a_page_asked_for_wrongly_sends_nobody_back(
    simulator: microsoft.Microsoft, wrong: dict[str, str]
) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"

    assert 400 == get(place, params=asked(**wrong)).status_code
    assert 400 == post(place, data=asked(**wrong)).status_code


def test_an_id_token_is_signed_with_a_published_key(simulator: microsoft.Microsoft) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"
    code = brought_back(get(place, params={**asked(), "auto": "allow"}))["code"]
    told = redeem(simulator, code).json()
    configuration = get(f"{simulator.authority}/v2.0/.well-known/openid-configuration").json()
    (key,) = get(configuration["jwks_uri"]).json()["keys"]

    claims = jwt.decode(
        told["id_token"], jwt.PyJWK(key), algorithms=["RS256"], audience=microsoft.CLIENT_ID
    )

    assert (tenant_of(EMAIL), object_id(EMAIL), EMAIL) == (
        claims["tid"],
        claims["oid"],
        claims["preferred_username"],
    )
    assert configuration["issuer"].replace("{tenantid}", claims["tid"]) == claims["iss"]
    assert "n" == claims["nonce"]


def test_instance_discovery_names_the_configuration(simulator: microsoft.Microsoft) -> None:
    told = get(f"{simulator.url}/common/discovery/instance").json()

    assert 200 == get(told["tenant_discovery_endpoint"]).status_code


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"client_secret": "x"}, 7000215),
        ({"client_id": "x"}, 700016),
        ({"redirect_uri": "http://127.0.0.1:1/other"}, 500112),
        ({"code_verifier": "x"}, 501481),
        ({"code": "x"}, 54005),
        ({"grant_type": "password"}, 900144),
        ({"grant_type": "refresh_token", "refresh_token": "x"}, 700082),
    ],
)
def test_the_token_endpoint_refuses(
    simulator: microsoft.Microsoft, wrong: dict[str, str], code: int
) -> None:
    place = f"{simulator.authority}/oauth2/v2.0/authorize"
    good = brought_back(get(place, params={**asked(), "auto": "allow"}))["code"]

    told = redeem(simulator, **{"code": good, **wrong}).json()

    assert [code] == told["error_codes"]


def test_a_refresh_token_buys_no_more_than_was_granted(simulator: microsoft.Microsoft) -> None:
    _, refresh = simulator.sign_ins.grant(EMAIL, frozenset({"Calendars.ReadWrite"}))

    answer = redeem(
        simulator, "", grant_type="refresh_token", refresh_token=refresh, scope="Mail.Read"
    )

    assert [65001] == answer.json()["error_codes"]


def test_a_grant_that_ended_is_of_no_use(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    simulator.sign_ins.end_grant(EMAIL)

    answer = client.get("/me")

    assert (401, "InvalidAuthenticationToken") == (answer.status_code, code_of(answer))


def test_the_account_and_its_calendars_are_told(client: httpx.Client) -> None:
    calendars = client.get("/me/calendars").json()["value"]

    assert EMAIL == client.get("/me").json()["mail"]
    assert [CALENDAR_ID] == [each["id"] for each in calendars]
    assert calendars[0] == client.get("/me/calendar").json()


def test_ids_that_last_are_told_on_request_only(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    listed = [
        client.get("/me/events", headers=headers).json()["value"][0]["id"]
        for headers in ({}, IMMUTABLE)
    ]

    assert list(reversed(item.ids)) == listed


def test_times_are_told_in_the_zone_asked_for(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    prefer = {"Prefer": 'outlook.timezone="Asia/Tokyo"'}

    (event,) = client.get("/me/events", headers=prefer).json()["value"]

    assert {"dateTime": "2026-03-02T19:00:00.0000000", "timeZone": "Asia/Tokyo"} == event["start"]


def test_a_text_is_told_as_html_unless_text_is_preferred(client: httpx.Client) -> None:
    body = {"contentType": "text", "content": "a < b\nc"}
    made = client.post("/me/events", json=hour(body=body)).json()
    prefer = {"Prefer": 'outlook.body-content-type="text"'}

    text = client.get(event_path(made["id"]), headers=prefer).json()["body"]

    assert "a &lt; b<br>" in made["body"]["content"]
    assert "a < b" in text["content"]


def test_only_selected_properties_are_told(client: httpx.Client) -> None:
    client.post("/me/events", json=hour())

    (event,) = client.get("/me/events?$select=subject").json()["value"]

    assert {"@odata.etag", "id", "subject"} == set(event)


def test_marks_are_told_and_found_on_request_only(client: httpx.Client) -> None:
    client.post("/me/events", json=hour())
    marks = [{"id": MARK, "value": "it's green"}]
    client.post("/me/events", json=hour(singleValueExtendedProperties=marks))
    wanted = (
        f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARK}' and ep/value eq 'it''s green')"
    )
    expand = f"singleValueExtendedProperties($filter=id eq '{MARK}')"

    plain = client.get("/me/events", params={"$filter": wanted}).json()["value"]
    told = client.get("/me/events", params={"$filter": wanted, "$expand": expand}).json()["value"]

    assert [False] == ["singleValueExtendedProperties" in each for each in plain]
    assert [marks] == [each["singleValueExtendedProperties"] for each in told]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"$select": "title"}, "RequestBroker--ParseUri"),
        ({"$expand": "everything"}, "RequestBroker--ParseUri"),
        ({"$filter": "subject eq 'Yoga'"}, "ErrorInvalidUrlQueryFilter"),
    ],
)
def test_a_query_it_does_not_know_is_refused(
    client: httpx.Client, query: dict[str, str], code: str
) -> None:
    client.post("/me/events", json=hour())

    assert code == code_of(client.get("/me/events", params=query))


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": "x"},
        {"start": None},
        {"start": {"dateTime": "x", "timeZone": "UTC"}},
        {"start": {"dateTime": "2026-03-02T10:00:00", "timeZone": "Nowhere"}},
        {"start": {"dateTime": "2026-03-02T12:00:00", "timeZone": "UTC"}},
        {"singleValueExtendedProperties": [{"id": MARK, "value": ""}]},
    ],
)
def test_an_event_that_is_none_is_refused(client: httpx.Client, wrong: dict[str, Any]) -> None:
    assert 400 == client.post("/me/events", json=hour(**wrong)).status_code
    assert 400 == client.post("/me/events", content=b"{").status_code
    assert 400 == client.post("/me/events", json={"subject": "x"}).status_code


def test_a_view_needs_its_bounds(client: httpx.Client) -> None:
    assert 400 == client.get("/me/calendarView").status_code
    assert "ErrorInvalidParameter" == code_of(view(client, startDateTime="soon"))


@pytest.mark.parametrize(
    ("pattern", "limits", "days"),
    [
        (
            {"type": "daily", "interval": 2},
            {"type": "numbered", "numberOfOccurrences": 3},
            [2, 4, 6],
        ),
        (
            {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "friday"]},
            {"type": "endDate", "endDate": "2026-03-13"},
            [2, 6, 9, 13],
        ),
        ({"type": "absoluteMonthly", "interval": 1}, {"type": "noEnd"}, [2]),
    ],
)
def test_a_view_expands_series_and_a_list_does_not(
    client: httpx.Client, pattern: dict[str, Any], limits: dict[str, Any], days: list[int]
) -> None:
    client.post("/me/events", json=hour(recurrence={"pattern": pattern, "range": limits}))

    seen = view(client).json()["value"]

    assert days == [int(each["start"]["dateTime"][8:10]) for each in seen]
    assert {"occurrence"} == {each["type"] for each in seen}
    assert ["seriesMaster"] == [e["type"] for e in client.get("/me/events").json()["value"]]


def test_pages_follow_one_another(client: httpx.Client) -> None:
    for number in range(5):
        client.post("/me/events", json=hour(number))

    sizes = []
    answer = view(client, **{"$top": "2"}).json()
    while True:
        sizes.append(len(answer["value"]))
        if "@odata.nextLink" not in answer:
            break
        answer = client.get(answer["@odata.nextLink"]).json()

    assert [2, 2, 1] == sizes


def test_what_is_deleted_lies_in_the_trash_where_its_id_still_finds_it(
    client: httpx.Client, simulator: microsoft.Microsoft
) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path = event_path(item.ids[0])

    statuses = [client.delete(path).status_code for _ in range(2)]

    assert [204, 404] == statuses
    assert 200 == client.get(path).status_code
    assert [] == client.get("/me/events").json()["value"]


def test_a_stale_etag_is_refused(client: httpx.Client, simulator: microsoft.Microsoft) -> None:
    item = simulator.mailbox(EMAIL).create(CALENDAR_ID, hour())
    path, etag = event_path(item.ids[0]), item.etag

    statuses = [
        client.patch(path, json={"subject": name}, headers={"If-Match": etag}).status_code
        for name in ("first", "second")
    ]

    assert [200, 412] == statuses


def test_guests_are_mailed_and_control_tells_so(
    simulator: microsoft.Microsoft, client: httpx.Client
) -> None:
    guest = {"emailAddress": {"address": "kay@contoso.example"}}
    client.post("/me/events", json=hour(attendees=[guest]))

    mails = get(f"{simulator.url}/_control/mails").json()
    post(f"{simulator.url}/_control/reset")

    assert ["invited: kay@contoso.example"] == mails
    assert [] == simulator.mails


def test_control_ends_access_tokens(simulator: microsoft.Microsoft, client: httpx.Client) -> None:
    post(f"{simulator.url}/_control/expire")

    assert 401 == client.get("/me").status_code


def test_a_calendar_that_is_not_there_is_told(client: httpx.Client) -> None:
    for method, path in (("GET", "calendarView"), ("GET", "events"), ("POST", "events")):
        query = {"startDateTime": "2026-03-01", "endDateTime": "2026-03-02"}
        answer = client.request(method, f"/me/calendars/x/{path}", params=query, json=hour())
        assert (404, "ErrorItemNotFound") == (answer.status_code, code_of(answer))


def test_it_runs_alone() -> None:
    command = [sys.executable, "-m", "infra.local.simulators.microsoft"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[-1]
        answer = get(f"{url}/common/v2.0/.well-known/openid-configuration")
        process.terminate()

    assert 200 == answer.status_code
    assert 0 == process.returncode

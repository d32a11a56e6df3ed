"""The token refresh, invoked as by EventBridge Scheduler, with real stores."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from shared import wiring
from tests.support.oauth_flows import (
    OAuthSimulators,
    at,
    connect,
    connections_of,
    day_sources,
    stored,
    tokens_in,
    with_rotated_client_secret,
)
from tests.support.service import NOW, User, coach

pytestmark = pytest.mark.long

BOTH = ["google", "outlook"]
TOKEN_PATH = {"google": "/token", "outlook": "/oauth2/v2.0/token"}
DUE = NOW + timedelta(minutes=45)
"""Tokens of a connection made at NOW end within 15 minutes of it."""

PAYLOAD = {
    "version": "0",
    "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
    "detail-type": "Scheduled Event",
    "source": "aws.scheduler",
    "account": "123456789012",
    "time": "2026-11-23T08:45:00Z",
    "region": "eu-central-1",
    "resources": ["arn:aws:scheduler:eu-central-1:123456789012:schedule/default/token-refresh"],
    "detail": "{}",
}
COUNTED = {"TokenRefreshes", "ReconnectsRequired", "ProviderMisconfigured"}


@pytest.fixture(autouse=True)
def nothing_due(simulators: OAuthSimulators) -> Iterator[None]:
    """Delete all connections after each test."""
    del simulators
    yield
    for user_id, connection_id in wiring.token_store().find_expiring(NOW + timedelta(days=365)):
        wiring.people_store().remove_connection(user_id, connection_id)


def run(capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, int], dict[str, int]]:
    """Run the function and return its result and non-zero metrics."""
    from functions.token_refresh.handler import (  # noqa: PLC0415 - reads the environment
        lambda_handler,
    )

    capsys.readouterr()
    context: Any = SimpleNamespace(function_name="token_refresh", aws_request_id="test")
    response = lambda_handler(PAYLOAD, context)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    metric_lines = [line for line in lines if "_aws" in line]
    counts: Counter[str] = Counter()
    for line in metric_lines:
        for name in COUNTED.intersection(line):
            counts[name] += int(sum(line[name]))
    return response, dict(counts)


def status_of(who: User) -> str:
    (connection,) = connections_of(who)
    return str(connection["status"])


def refreshes(simulators: OAuthSimulators, provider: str) -> int:
    requests = simulators.requests_to(provider, TOKEN_PATH[provider])
    return sum("grant_type=refresh_token" in each["body"] for each in requests)


def test_only_due_tokens_are_refreshed(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, later = coach(), coach(), coach()
    connect(one, "google")
    connect(other, "outlook")
    with at(NOW + timedelta(minutes=5)):
        connect(later, "google")
    before = {who.id: stored(who) for who in (one, other, later)}

    with at(DUE):
        response, metrics = run(capsys)

    assert ({"refreshed": 2}, {"TokenRefreshes": 2}) == (response, metrics)
    assert (1, 1) == (refreshes(simulators, "google"), refreshes(simulators, "outlook"))
    for who in (one, other):
        assert DUE + timedelta(seconds=3599) == stored(who).token_expires_at
        old, new = tokens_in(before[who.id]), tokens_in(stored(who))
        assert old.access_token != new.access_token
    assert before[later.id] == stored(later)


def test_a_refreshed_token_is_no_longer_due(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    connect(coach(), "google")

    with at(DUE):
        run(capsys)
        response, metrics = run(capsys)

    assert ({}, {}, 1) == (response, metrics, refreshes(simulators, "google"))


def test_microsoft_rotates_the_refresh_token_and_google_keeps_it(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    del simulators
    one, other = coach(), coach()
    connect(one, "google")
    connect(other, "outlook")
    before = [tokens_in(stored(who)).refresh_token for who in (one, other)]

    with at(DUE):
        run(capsys)

    after = [tokens_in(stored(who)).refresh_token for who in (one, other)]
    assert [True, False] == [old == new for old, new in zip(before, after, strict=True)]


@pytest.mark.parametrize("provider", BOTH)
def test_an_ended_grant_requires_a_reconnect_and_is_tried_once(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str], provider: str
) -> None:
    who = coach()
    email = connect(who, provider).data["email"]
    server: Any = (
        simulators.google.authorization if provider == "google" else simulators.microsoft.sign_ins
    )
    server.end_grant(email)

    with at(DUE):
        first, second = run(capsys), run(capsys)

    assert ({"reconnect_required": 1}, {"TokenRefreshes": 1, "ReconnectsRequired": 1}) == first
    assert ({}, {}) == second
    assert 1 == refreshes(simulators, provider)
    assert "reconnect_required" == status_of(who)
    assert "invalid_grant" in connections_of(who)[0]["lastError"]["message"]


@pytest.mark.parametrize("provider", BOTH)
def test_a_wrong_client_secret_raises_the_alarm_and_disconnects_no_one(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str], provider: str
) -> None:
    users = [coach(), coach()]
    for who in users:
        connect(who, provider)
    before = [stored(who) for who in users]

    with at(DUE), with_rotated_client_secret(simulators, provider):
        wrong = run(capsys)
    connections = [stored(who) for who in users]
    with at(DUE):
        recovered = run(capsys)

    assert ({"misconfigured": 2}, {"TokenRefreshes": 2, "ProviderMisconfigured": 2}) == wrong
    assert before == connections
    assert ({"refreshed": 2}, {"TokenRefreshes": 2}) == recovered


@pytest.mark.parametrize("provider", BOTH)
@pytest.mark.parametrize(
    "fault",
    [{"status": 503}, {"status": 429}, {"kind": "html"}, {"kind": "drop_before"}],
    ids=str,
)
def test_a_temporary_failure_postpones_a_refresh(
    simulators: OAuthSimulators,
    capsys: pytest.CaptureFixture[str],
    provider: str,
    fault: dict[str, Any],
) -> None:
    who = coach()
    connect(who, provider)
    before = stored(who)
    simulators.of(provider).break_next(fault, path=f"*{TOKEN_PATH[provider]}")

    with at(DUE):
        failed, connections, again = run(capsys), stored(who), run(capsys)

    assert ({"later": 1}, {"TokenRefreshes": 1}) == failed
    assert before == connections
    assert ({"refreshed": 1}, {"TokenRefreshes": 1}) == again


def test_one_users_failure_does_not_affect_other_users(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    revoked, well = coach(), coach()
    connect(revoked, "google", simulators.new_google_account())
    simulators.google.authorization.end_grant(stored(revoked).email)
    connect(well, "google", simulators.new_google_account())

    with at(DUE):
        response, metrics = run(capsys)

    assert {"refreshed": 1, "reconnect_required": 1} == response
    assert {"TokenRefreshes": 2, "ReconnectsRequired": 1} == metrics
    with at(DUE):
        assert ["ok"] == day_sources(well)


def test_a_deleted_connection_is_not_refreshed(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    who = coach()
    connect(who, "google")
    wiring.people_store().remove_connection(who.id, stored(who).id)

    with at(DUE):
        response, metrics = run(capsys)

    assert ({}, {}, 0) == (response, metrics, refreshes(simulators, "google"))


def test_when_nothing_is_due_nothing_is_counted(
    simulators: OAuthSimulators, capsys: pytest.CaptureFixture[str]
) -> None:
    del simulators

    assert ({}, {}) == run(capsys)

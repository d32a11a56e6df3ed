"""Faults and tokens for the console."""

import json
from typing import Any

import pytest

from infra.local.console.faults import FAULTS, KINDS, FaultsControl
from infra.local.console.tokens import TOKEN, TokenControl
from infra.local.gateway import Response
from infra.local.simulators.google import GoogleSimulator
from infra.local.simulators.http import SimulatedRequest


def get(simulator: GoogleSimulator, path: str = "/calendar/v3/users/me/calendarList") -> int:
    request = SimulatedRequest(method="GET", path=path, query={}, headers={}, body=b"")
    return simulator.respond(request).status


def post(control: FaultsControl, **body: Any) -> Response:
    return control.respond("POST", FAULTS, json.dumps(body).encode())


def test_a_fault_is_on_until_it_is_switched_off() -> None:
    simulator = GoogleSimulator()
    control = FaultsControl({"google": simulator})

    switched = post(control, provider="google", fault="rate_limited")

    on = {"faults": {"google": "rate_limited"}, "kinds": [*KINDS]}
    assert on == json.loads(switched.body)["data"]
    assert [429, 429] == [get(simulator), get(simulator)]
    post(control, provider="google", fault=None)
    assert get(simulator) == 401
    listed = json.loads(control.respond("GET", FAULTS, b"").body)["data"]["faults"]
    assert {"google": None} == listed


def test_an_ended_grant_gives_no_token_and_no_calendar() -> None:
    simulator = GoogleSimulator()

    post(FaultsControl({"google": simulator}), provider="google", fault="grant_ended")

    assert [400, 401] == [get(simulator, "/token"), get(simulator)]


@pytest.mark.parametrize(
    "body", [{}, {"provider": "google"}, {"provider": "x", "fault": None}, {"fault": "slow"}]
)
def test_a_body_that_names_no_fault_is_rejected(body: dict[str, Any]) -> None:
    assert post(FaultsControl({"google": GoogleSimulator()}), **body).status == 400


def test_an_unknown_fault_or_path_is_rejected() -> None:
    control = FaultsControl({"google": GoogleSimulator()})

    assert post(control, provider="google", fault="flood").status == 400
    assert control.respond("GET", f"{FAULTS}/google", b"").status == 404


def test_a_token_is_made_for_a_user_and_roles() -> None:
    control = TokenControl(lambda user, roles: f"{user} {roles}")

    made = control.respond("POST", TOKEN, b'{"userId": "coach-1", "roles": ["Coach"]}')

    assert {"token": "coach-1 ['Coach']"} == json.loads(made.body)["data"]
    for body in (b"", b"{}", b'{"userId": "1", "roles": ["Boss"]}'):
        assert control.respond("POST", TOKEN, body).status == 400
    assert control.respond("GET", TOKEN, b"").status == 404

from collections.abc import Iterator

import httpx
import pytest

from infra.local.simulators.http import (
    SimulatedRequest,
    SimulatedResponse,
    SimulatorRoute,
    json_response,
)
from infra.local.simulators.serving import serving
from infra.local.simulators.simulator import Simulator
from shared.providers.tls import tls_context

PATH = "/things/a%2Fb"


class Counter(Simulator):
    """Counts POST requests."""

    own_faults = frozenset({"double"})

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def routes(self) -> list[SimulatorRoute]:
        return [SimulatorRoute("POST", "/things/{name}", self.add)]

    def clear(self) -> None:
        self.count = 0

    def add(self, request: SimulatedRequest, *, name: str) -> SimulatedResponse:
        self.count += 2 if request.fault else 1
        return json_response({"name": name, "count": self.count})


@pytest.fixture
def counter() -> Iterator[Counter]:
    with serving(Counter()) as simulator:
        yield simulator


@pytest.fixture
def client(counter: Counter) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=counter.url, verify=tls_context(), trust_env=False, timeout=5
    ) as made:
        yield made


def broken(client: httpx.Client, **fault: object) -> httpx.Response:
    """Add a fault and send the request that it breaks."""
    body = {"match": {"method": "POST", "path": "/things/*"}, "times": 1, "fault": fault}
    assert 204 == client.post("/_control/faults", json=body).status_code
    return client.post(PATH)


def test_a_paths_variables_are_decoded(client: httpx.Client) -> None:
    assert {"name": "a/b", "count": 1} == client.post(PATH).json()


def test_a_path_without_a_route_is_not_found(client: httpx.Client) -> None:
    assert 404 == client.post("/things").status_code
    assert 404 == client.get(PATH).status_code


def test_a_fault_with_a_status_replaces_the_request(client: httpx.Client, counter: Counter) -> None:
    response = broken(client, status=503, headers={"Retry-After": "7"}, body={"a": 1})

    assert (503, "7", {"a": 1}) == (
        response.status_code,
        response.headers["retry-after"],
        response.json(),
    )
    assert 0 == counter.count


def test_a_fault_ends_after_the_requested_number_of_times(client: httpx.Client) -> None:
    broken(client, status=500)

    assert 200 == client.post(PATH).status_code


def test_a_fault_does_not_affect_other_requests(client: httpx.Client, counter: Counter) -> None:
    counter.break_next({"status": 500}, method="GET")
    counter.break_next({"status": 500}, path="/other/*")

    assert 200 == client.post(PATH).status_code


def test_a_write_can_be_done_with_an_error_response(client: httpx.Client, counter: Counter) -> None:
    assert 502 == broken(client, kind="after_write_status", status=502).status_code
    assert 1 == counter.count


@pytest.mark.parametrize(
    ("kind", "done"),
    [("timeout_before", 0), ("timeout_after", 1), ("drop_before", 0), ("drop_after", 1)],
)
def test_a_connection_can_end_before_or_after_the_request_is_done(
    client: httpx.Client, counter: Counter, kind: str, done: int
) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        broken(client, kind=kind, seconds=0.01)

    assert done == counter.count


def test_a_response_can_be_truncated(client: httpx.Client, counter: Counter) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        broken(client, kind="truncate")

    assert 1 == counter.count


def test_an_html_page_can_replace_the_response(client: httpx.Client, counter: Counter) -> None:
    response = broken(client, kind="html")

    assert (200, "text/html; charset=utf-8") == (
        response.status_code,
        response.headers["content-type"],
    )
    assert 0 == counter.count


def test_a_slow_response_is_correct(client: httpx.Client) -> None:
    assert 1 == broken(client, kind="slow", seconds=0.01).json()["count"]


def test_a_provider_specific_fault_is_passed_to_the_handler(client: httpx.Client) -> None:
    assert 2 == broken(client, kind="double").json()["count"]


@pytest.mark.parametrize("fault", [{}, {"kind": "unknown"}, {"body": "x"}])
def test_an_unknown_fault_is_rejected(client: httpx.Client, fault: dict[str, object]) -> None:
    assert 400 == client.post("/_control/faults", json={"fault": fault}).status_code


def test_requests_are_recorded_without_credentials(client: httpx.Client) -> None:
    client.post(PATH, params={"q": "1"}, headers={"Authorization": "Bearer s3cret"}, content=b"x")

    (request,) = client.get("/_control/requests").json()
    recorded = (request["method"], request["path"], request["query"], request["body"])
    assert ("POST", PATH, {"q": "1"}, "x") == recorded
    assert (200, False) == (request["status"], "s3cret" in str(request))


def test_a_reset_deletes_everything(client: httpx.Client, counter: Counter) -> None:
    client.post(PATH)
    counter.break_next({"status": 500})

    client.post("/_control/reset")

    assert [] == client.get("/_control/requests").json()
    assert 1 == client.post(PATH).json()["count"]


def test_a_waiting_request_ends_with_the_simulator() -> None:
    with serving(Counter()) as simulator:
        simulator.break_next({"kind": "timeout_before"})
        with pytest.raises(httpx.TimeoutException):
            httpx.post(simulator.url + PATH, timeout=0.05, verify=tls_context())
        url = simulator.url

    with pytest.raises(httpx.ConnectError):
        httpx.post(url + PATH, verify=tls_context())

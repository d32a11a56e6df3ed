"""Every payload under events/ through its function, and the command that invokes one."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from infra.local.gateway import response
from infra.local.invoke import LocalResources, PayloadRunner, PreparationFailed, local_resources
from infra.local.invoke.command import main, print_result
from infra.local.processes import ROOT
from infra.local.worker import run as run_here
from infra.local.workers import InvocationFailed
from infra.openapi.examples import EXAMPLE_NOW
from infra.payloads.catalogue import FOLDER, name_of, prerequisites, read
from infra.payloads.reply import MESSAGE_ID
from infra.payloads.requests import UNKNOWN_PATH
from infra.payloads.samples import SAMPLES
from shared import wiring
from shared.domain.copy import CopyState
from shared.providers.http import shared_http
from tests.support.aws import fresh_account
from tests.support.http_contract import response_problems
from tests.support.service import dump, installed

pytestmark = pytest.mark.long

# The files in domain/ are schemas and examples of what the service publishes.
FILES = sorted(each for each in FOLDER.glob("*/*.json") if each.parent.name != "domain")
RESULTS: Mapping[str, Any] = {
    "relay": None,
    "ses_notifications": None,
    "publish": {"published": 1},
    "rsvp": {MESSAGE_ID: "foreign"},
    "calendar_sync": {"batchItemFailures": []},
    # There is no receiver at the example's address, so the delivery is to be repeated.
    "webhooks_delivery": {
        "batchItemFailures": [{"itemIdentifier": "d0271aa4-305b-5233-a7ff-ce94de4ccfac"}]
    },
    "token_refresh": {},
}
"""The results of the workers; that of the sweeper depends on the data."""

NAMES = [name_of(file) for file in FILES]
WORK = [name for name in NAMES if name.partition("/")[0] in RESULTS and name not in SAMPLES]


def test_every_file_is_invoked_below() -> None:
    assert set(NAMES) == {*SAMPLES, *WORK, UNKNOWN_PATH, "sweeper/schedule"}


class InThisProcess:
    """Runs handlers in this process, with its environment."""

    def invoke(
        self,
        module: str,
        payload: Any,
        *,
        function: str,
        seconds: float,
        environment: Mapping[str, str],
    ) -> Any:
        del environment
        result = run_here(
            {
                "module": module,
                "function": function,
                "payload": payload,
                "requestId": str(uuid.uuid4()),
                "seconds": seconds,
                "now": EXAMPLE_NOW.isoformat(),
            }
        )
        if "error" in result:
            raise InvocationFailed(result["error"])
        return json.loads(json.dumps(result["answer"]))


@pytest.fixture(scope="module")
def resources(
    ministack_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalResources]:
    """Resources of their own for the functions of this process."""
    state = tmp_path_factory.mktemp("invoke")
    with (
        local_resources(state, ministack_url, account=fresh_account()) as created,
        installed(created.values, now=EXAMPLE_NOW),
    ):
        yield created
        wiring.set_certificates(None)
        shared_http().close()


@pytest.fixture
def run(resources: LocalResources) -> PayloadRunner:
    """A runner with empty tables."""
    client: Any = wiring.tables().client.client
    for table, items in dump().items():
        for item in items:
            client.delete_item(TableName=table, Key={key: item[key] for key in ("pk", "sk")})
    return PayloadRunner(resources, InThisProcess())


def run_prepared(run: PayloadRunner, name: str) -> Any:
    """Invoke what goes before a payload and then the payload, and return its answer."""
    for each in prerequisites(name):
        run.prepare(each)
    return run.invoke(name.partition("/")[0], read(FOLDER / f"{name}.json"))


@pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES])
def test_a_request_succeeds_and_its_response_matches_the_openapi_document(
    run: PayloadRunner, name: str
) -> None:
    method, _, route = read(FOLDER / f"{name}.json")["routeKey"].partition(" ")

    result = response(run_prepared(run, name))

    is_json = dict(result.headers).get("Content-Type", "").startswith("application/json")
    content = json.loads(result.body) if is_json and result.body else None
    assert SAMPLES[name].status == result.status, content
    assert response_problems(method, route, result.status, content) == []


def test_a_path_without_a_route_is_not_found(run: PayloadRunner) -> None:
    assert response(run_prepared(run, UNKNOWN_PATH)).status == 404


@pytest.mark.parametrize("name", WORK)
def test_a_worker_handles_its_whole_payload(run: PayloadRunner, name: str) -> None:
    assert RESULTS[name.partition("/")[0]] == run_prepared(run, name)


def test_the_sweeper_returns_what_is_waiting(run: PayloadRunner) -> None:
    run.prepare("events/create")

    result = run_prepared(run, "sweeper/schedule")

    assert {
        "waiting": 1,
        "longestSeconds": 0.0,
        "redriven": 0,
        "parked": 0,
        "expired": 0,
    } == result


def test_the_sync_writes_the_event_to_the_connected_calendar(
    run: PayloadRunner,
) -> None:
    run_prepared(run, "calendar_sync/changed-event")

    (copy,) = wiring.event_store().find_with_copies("session-1")[1]
    assert ("coach-1", CopyState.SYNCED) == (copy.user_id, copy.state)


def test_a_payload_whose_preparation_fails_is_an_error(run: PayloadRunner) -> None:
    payload = read(FOLDER / "events" / "create.json")
    run.invoke("events", {**payload, "body": payload["body"].replace("Career", "Other")})

    with pytest.raises(PreparationFailed, match=r"events/create returned .*EVENT_EXISTS"):
        run_prepared(run, "events/get")


def test_the_command_prints_the_result_and_the_payloads_invoked_first() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "infra.local.invoke", "holidays", "events/holidays/delete.json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )

    result = json.loads(process.stdout)
    assert (0, 200, True) == (process.returncode, result["statusCode"], result["body"]["success"])
    assert "Invoking holidays/create first" in process.stderr


def test_a_handler_that_raises_prints_its_traceback_and_exits_with_1(
    run: PayloadRunner, capsys: pytest.CaptureFixture[str]
) -> None:
    assert print_result(run, "relay", {"Records": [{}]}) == 1

    printed = capsys.readouterr()
    assert printed.err.endswith("KeyError: 'eventName'\n\n")


@pytest.mark.parametrize(("name", "body"), [("status/docs", "<!doctype"), ("relay/new-event", "")])
def test_a_result_without_a_json_body_is_printed_unchanged(
    run: PayloadRunner, capsys: pytest.CaptureFixture[str], name: str, body: str
) -> None:
    assert print_result(run, name.partition("/")[0], read(FOLDER / f"{name}.json")) == 0

    printed = json.loads(capsys.readouterr().out.partition("\n{")[0])
    assert printed is None if not body else printed["body"].lower().startswith(body)


@pytest.mark.parametrize("text", [None, "[]", "{"])
def test_a_file_without_a_payload_is_rejected_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    file = tmp_path / "payload.json"
    if text is not None:
        file.write_text(text)

    assert main(["relay", str(file)]) == 2

    assert capsys.readouterr().err.startswith("relay was not invoked: ")

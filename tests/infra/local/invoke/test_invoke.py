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
from infra.local.invoke import NotReady, Run, Surroundings, surroundings
from infra.local.invoke.command import invoked, main
from infra.local.processes import ROOT
from infra.local.worker import run as run_here
from infra.local.workers import InvocationFailed
from infra.payloads.catalogue import FOLDER, first, name_of, read
from infra.payloads.requests import NOWHERE
from infra.payloads.samples import SAMPLES
from infra.payloads.shapes import AT
from shared import wiring
from shared.domain.copy import CopyState
from shared.providers.http import shared_http
from tests.support.aws import fresh_account
from tests.support.contract import answer_problems
from tests.support.service import dump, installed

FILES = sorted(FOLDER.glob("*/*.json"))
ANSWERS: Mapping[str, Any] = {
    "relay": None,
    "ses_notifications": None,
    "calendar_sync": {"batchItemFailures": []},
    "token_refresh": {},
}
"""What the workers answer; the sweeper tells what waits."""

NAMES = [name_of(file) for file in FILES]
WORK = [name for name in NAMES if name.partition("/")[0] in ANSWERS and name not in SAMPLES]


def test_every_file_is_invoked_below() -> None:
    assert set(NAMES) == {*SAMPLES, *WORK, NOWHERE, "sweeper/schedule"}


class InThisProcess:
    """Runs handlers here, in the environment this process has."""

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
                "now": AT.isoformat(),
            }
        )
        if "error" in result:
            raise InvocationFailed(result["error"])
        return json.loads(json.dumps(result["answer"]))


@pytest.fixture(scope="module")
def around(ministack_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surroundings]:
    """The functions of this process in surroundings of their own."""
    state = tmp_path_factory.mktemp("invoke")
    with (
        surroundings(state, ministack_url, account=fresh_account()) as made,
        installed(made.values, now=AT),
    ):
        yield made
        wiring.set_certificates(None)
        shared_http().close()


@pytest.fixture
def run(around: Surroundings) -> Run:
    """Invocations that begin with empty tables."""
    client: Any = wiring.tables().connection.client
    for table, items in dump().items():
        for item in items:
            client.delete_item(TableName=table, Key={key: item[key] for key in ("pk", "sk")})
    return Run(around, InThisProcess())


def prepared(run: Run, name: str) -> Any:
    """Invoke what goes before a payload and then the payload, and return its answer."""
    for each in first(name):
        run.prepare(each)
    return run.invoke(name.partition("/")[0], read(FOLDER / f"{name}.json"))


@pytest.mark.parametrize("name", [name for name in NAMES if name in SAMPLES])
def test_a_request_is_answered_with_success_and_as_the_contract_says(run: Run, name: str) -> None:
    method, _, route = read(FOLDER / f"{name}.json")["routeKey"].partition(" ")

    answer = response(prepared(run, name))

    is_json = dict(answer.headers).get("Content-Type", "").startswith("application/json")
    content = json.loads(answer.body) if is_json and answer.body else None
    assert SAMPLES[name].status == answer.status, content
    assert answer_problems(method, route, answer.status, content) == []


def test_a_path_no_route_names_is_not_found(run: Run) -> None:
    assert response(prepared(run, NOWHERE)).status == 404


@pytest.mark.parametrize("name", WORK)
def test_a_worker_does_all_of_its_payload(run: Run, name: str) -> None:
    assert ANSWERS[name.partition("/")[0]] == prepared(run, name)


def test_the_sweeper_tells_what_waits(run: Run) -> None:
    run.prepare("events/create")

    assert {"waiting": 1, "longestSeconds": 0.0, "redriven": 0} == prepared(run, "sweeper/schedule")


def test_the_sync_writes_the_event_to_the_calendar_connected_before(
    run: Run,
) -> None:
    prepared(run, "calendar_sync/changed-event")

    (copy,) = wiring.event_store().with_copies("session-1")[1]
    assert ("coach-1", CopyState.SYNCED) == (copy.user_id, copy.state)


def test_a_payload_whose_need_is_not_met_says_so(run: Run) -> None:
    payload = read(FOLDER / "events" / "create.json")
    run.invoke("events", {**payload, "body": payload["body"].replace("Career", "Other")})

    with pytest.raises(NotReady, match=r"events/create was answered with .*EVENT_EXISTS"):
        prepared(run, "events/get")


def test_the_command_prints_the_answer_and_what_went_before() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "infra.local.invoke", "holidays", "events/holidays/delete.json"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )

    answer = json.loads(done.stdout)
    assert (0, 200, True) == (done.returncode, answer["statusCode"], answer["body"]["success"])
    assert "holidays/create goes before it" in done.stderr


def test_a_handler_that_raises_is_told_by_its_traceback_and_the_exit_status(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert invoked(run, "relay", {"Records": [{}]}) == 1

    told = capsys.readouterr()
    assert told.err.endswith("KeyError: 'eventName'\n\n")


@pytest.mark.parametrize(("name", "body"), [("status/docs", "<!doctype"), ("relay/new-event", "")])
def test_an_answer_without_json_in_it_is_printed_as_it_is(
    run: Run, capsys: pytest.CaptureFixture[str], name: str, body: str
) -> None:
    assert invoked(run, name.partition("/")[0], read(FOLDER / f"{name}.json")) == 0

    printed = json.loads(capsys.readouterr().out.partition("\n{")[0])
    assert printed is None if not body else printed["body"].lower().startswith(body)


@pytest.mark.parametrize("text", [None, "[]", "{"])
def test_a_file_without_a_payload_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None
) -> None:
    file = tmp_path / "payload.json"
    if text is not None:
        file.write_text(text)

    assert main(["relay", str(file)]) == 2

    assert capsys.readouterr().err.startswith("relay was not invoked: ")

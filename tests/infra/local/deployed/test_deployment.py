import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.local.demo.common import DemoFailed, expect
from infra.local.deployed.deployment import Deployment
from infra.local.deployed.published import BusListener
from infra.local.mail.mails import Mails
from infra.local.provider_servers import ProviderServers


class RequestRouter:
    """An AWS client whose operations all return the same; `calls` records their parameters."""

    def __init__(self, **response: Any) -> None:
        self.calls: list[Mapping[str, Any]] = []
        self._answer = response

    def invoke(self, **parameters: Any) -> Mapping[str, Any]:
        self.calls.append(parameters)
        return self._answer

    get_queue_attributes = invoke


def deployment(*, sqs: Any = None, functions: Any = None) -> Deployment:
    return Deployment(
        url="http://127.0.0.1:1/_aws/execute-api/abc",
        servers=cast("ProviderServers", None),
        mails=cast("Mails", None),
        bus=cast("BusListener", None),
        _outputs={
            "ApiId": "abc",
            "TokenRefreshFunction": "refresh-1",
            "SyncDeadUrl": "http://127.0.0.1:1/sync-dead",
        },
        _sqs=sqs,
        _lambda=functions,
    )


def payload(content: Any) -> SimpleNamespace:
    return SimpleNamespace(read=lambda: json.dumps(content).encode())


def test_a_check_is_repeated_until_it_passes() -> None:
    outcomes = iter(["", "", "done"])

    def check() -> str:
        outcome = next(outcomes)
        expect(bool(outcome), "not yet")
        return outcome

    assert "done" == deployment().until(check)


def test_a_check_that_never_passes_raises_its_error() -> None:
    def check() -> None:
        raise DemoFailed("the copies are []")

    with pytest.raises(DemoFailed, match="the copies are"):
        deployment().until(check, seconds=0)


def test_a_message_in_a_dead_letter_queue_fails_the_demo() -> None:
    sqs = RequestRouter(Attributes={"ApproximateNumberOfMessages": "1"})

    with pytest.raises(DemoFailed, match="the queue of output SyncDeadUrl holds 1 messages"):
        deployment(sqs=sqs).check_dead_letters()


def test_empty_dead_letter_queues_pass() -> None:
    sqs = RequestRouter(Attributes={"ApproximateNumberOfMessages": "0"})

    deployment(sqs=sqs).check_dead_letters()

    assert ["http://127.0.0.1:1/sync-dead"] == [each["QueueUrl"] for each in sqs.calls]


def test_refresh_returns_the_counts() -> None:
    functions = RequestRouter(Payload=payload({"refreshed": 2}))

    assert {"refreshed": 2} == deployment(functions=functions).refresh()
    assert ["refresh-1"] == [each["FunctionName"] for each in functions.calls]


def test_a_failed_refresh_raises_with_the_reason() -> None:
    functions = RequestRouter(
        FunctionError="Unhandled", Payload=payload({"errorMessage": "no key"})
    )

    with pytest.raises(DemoFailed, match=r"refresh-1 failed: .*no key"):
        deployment(functions=functions).refresh()

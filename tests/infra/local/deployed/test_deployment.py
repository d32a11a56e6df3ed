import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

import pytest

from infra.local.demo.stage import DemoFailed, expect
from infra.local.deployed.deployment import Deployment
from infra.local.elsewhere import Elsewhere
from infra.local.mail.mails import Mails


class Answering:
    """An AWS client whose every operation answers the same; `calls` keeps what was asked."""

    def __init__(self, **answer: Any) -> None:
        self.calls: list[Mapping[str, Any]] = []
        self._answer = answer

    def invoke(self, **asked: Any) -> Mapping[str, Any]:
        self.calls.append(asked)
        return self._answer

    get_queue_attributes = invoke


def deployment(*, sqs: Any = None, functions: Any = None) -> Deployment:
    return Deployment(
        url="http://127.0.0.1:1/_aws/execute-api/abc",
        elsewhere=cast("Elsewhere", None),
        mails=cast("Mails", None),
        _outputs={
            "ApiId": "abc",
            "TokenRefreshFunction": "refresh-1",
            "SyncDeadUrl": "http://127.0.0.1:1/sync-dead",
        },
        _sqs=sqs,
        _lambda=functions,
    )


def payload(told: Any) -> SimpleNamespace:
    return SimpleNamespace(read=lambda: json.dumps(told).encode())


def test_a_check_is_made_again_until_it_holds() -> None:
    outcomes = iter(["", "", "there it is"])

    def check() -> str:
        outcome = next(outcomes)
        expect(bool(outcome), "not yet")
        return outcome

    assert "there it is" == deployment().until(check)


def test_a_check_that_never_holds_says_what_it_missed() -> None:
    def check() -> None:
        raise DemoFailed("the copies are []")

    with pytest.raises(DemoFailed, match="the copies are"):
        deployment().until(check, seconds=0)


def test_a_message_that_was_given_up_fails_the_demo() -> None:
    sqs = Answering(Attributes={"ApproximateNumberOfMessages": "1"})

    with pytest.raises(DemoFailed, match="the queue of output SyncDeadUrl holds 1 messages"):
        deployment(sqs=sqs).check_dead_letters()


def test_empty_dead_letter_queues_are_as_it_should_be() -> None:
    sqs = Answering(Attributes={"ApproximateNumberOfMessages": "0"})

    deployment(sqs=sqs).check_dead_letters()

    assert ["http://127.0.0.1:1/sync-dead"] == [each["QueueUrl"] for each in sqs.calls]


def test_the_token_schedule_tells_what_it_counted() -> None:
    functions = Answering(Payload=payload({"refreshed": 2}))

    assert {"refreshed": 2} == deployment(functions=functions).refresh()
    assert ["refresh-1"] == [each["FunctionName"] for each in functions.calls]


def test_a_token_schedule_that_fails_says_how() -> None:
    functions = Answering(FunctionError="Unhandled", Payload=payload({"errorMessage": "no key"}))

    with pytest.raises(DemoFailed, match=r"refresh-1 failed: .*no key"):
        deployment(functions=functions).refresh()

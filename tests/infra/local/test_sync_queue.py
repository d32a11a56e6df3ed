from typing import Any

import pytest

from infra.local.sync_queue import split

FIRST, SECOND = {"messageId": "1"}, {"messageId": "2"}
PAYLOAD = {"Records": [FIRST, SECOND]}


@pytest.mark.parametrize("result", [None, {}, {"batchItemFailures": []}])
def test_without_a_failure_all_messages_are_done(result: Any) -> None:
    assert split(PAYLOAD, result) == ([FIRST, SECOND], [])


def test_messages_reported_as_failed_are_retried() -> None:
    result = {"batchItemFailures": [{"itemIdentifier": "2"}]}

    assert split(PAYLOAD, result) == ([FIRST], [SECOND])


@pytest.mark.parametrize(
    "result",
    [
        {"batchItemFailures": [{"itemIdentifier": "3"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": "2"},
        "done",
    ],
)
def test_an_invalid_failure_means_that_no_message_is_done(result: Any) -> None:
    assert split(PAYLOAD, result) == ([], [FIRST, SECOND])

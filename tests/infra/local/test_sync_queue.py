from typing import Any

import pytest

from infra.local.sync_queue import split

FIRST, SECOND = {"messageId": "1"}, {"messageId": "2"}
PAYLOAD = {"Records": [FIRST, SECOND]}


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}])
def test_without_a_failure_all_are_done(answer: Any) -> None:
    assert split(PAYLOAD, answer) == ([FIRST, SECOND], [])


def test_those_named_come_again() -> None:
    answer = {"batchItemFailures": [{"itemIdentifier": "2"}]}

    assert split(PAYLOAD, answer) == ([FIRST], [SECOND])


@pytest.mark.parametrize(
    "answer",
    [
        {"batchItemFailures": [{"itemIdentifier": "3"}]},
        {"batchItemFailures": [{"itemIdentifier": ""}]},
        {"batchItemFailures": [{}]},
        {"batchItemFailures": "2"},
        "done",
    ],
)
def test_a_failure_nobody_can_place_means_none_is_done(answer: Any) -> None:
    assert split(PAYLOAD, answer) == ([], [FIRST, SECOND])

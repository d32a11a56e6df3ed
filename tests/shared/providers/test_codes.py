from typing import Any

import pytest

from shared.providers.codes import code


@pytest.mark.parametrize(
    "told",
    [
        "invalid_grant",
        "ErrorItemNotFound",
        "RequestBroker--ParseUri",
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
        "rateLimitExceeded",
        "x",
        "x" * 64,
    ],
)
def test_an_error_code_is_repeated(told: str) -> None:
    assert told == code(told)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "x" * 65,
        "ya29.a0AfB_byC1",
        "Bearer abcdef",
        "invalid_grant\n",
        "token: abc",
        "4/0Aabc",
        "érreur",
        None,
        403,
        ["invalid_grant"],
        {"code": "invalid_grant"},
    ],
)
def test_whatever_else_stands_there_is_not(told: Any) -> None:
    assert code(told) is None

from typing import Any

import pytest

from shared.providers.codes import code


@pytest.mark.parametrize(
    "value",
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
def test_an_error_code_is_repeated(value: str) -> None:
    assert value == code(value)


@pytest.mark.parametrize(
    "value",
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
def test_other_values_are_not_repeated(value: Any) -> None:
    assert code(value) is None

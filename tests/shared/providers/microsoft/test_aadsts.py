"""The error raised for each of Microsoft's sign-in error codes."""

from typing import Any

import pytest

from shared.domain.connection import ProblemCode
from shared.domain.errors import (
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.microsoft.aadsts import (
    MISCONFIGURED,
    NEEDS_ADMINISTRATOR,
    NEEDS_CONSENT,
    NEEDS_RECONNECT,
    TRANSIENT,
    failure,
)

MUST_RECONNECT = [70000, 70008, 700082, 700084, 50173, 50076, 50079, 65001, 53003, 50057]
OUR_FAULT_CODES = [7000215, 7000222, 700016, 50011]


def error_response(*codes: int, error: str = "invalid_grant") -> dict[str, Any]:
    return {"error": error, "error_codes": list(codes), "error_description": "AADSTS1: kim@x"}


@pytest.mark.parametrize(
    ("payload", "error_type"),
    [
        *[(error_response(code), CredentialInvalid) for code in MUST_RECONNECT],
        *[(error_response(code), ProviderMisconfigured) for code in OUR_FAULT_CODES],
        *[
            (error_response(code, error="invalid_client"), ProviderMisconfigured)
            for code in OUR_FAULT_CODES
        ],
        (error_response(90033), ProviderUnavailable),
        (error_response(90033, error="temporarily_unavailable"), ProviderUnavailable),
        (error_response(50196), ProviderUnavailable),
        (error_response(70000, 7000215), ProviderMisconfigured),
        (error_response(90033, 70000), ProviderUnavailable),
        (error_response(12345), CredentialInvalid),
        (error_response(12345, error="invalid_client"), ProviderMisconfigured),
        (error_response(12345, error="something_new"), ProviderUnavailable),
        ({"error": "interaction_required"}, CredentialInvalid),
        ({"error": "temporarily_unavailable"}, ProviderUnavailable),
        ({"error": "server_error"}, ProviderUnavailable),
        ({"error": "invalid_scope"}, ProviderMisconfigured),
        ({}, ProviderUnavailable),
        (
            {"error": "invalid_grant", "error_description": "AADSTS7000222: The secret expired."},
            ProviderMisconfigured,
        ),
        ({"error": "x", "error_codes": "50173", "error_description": None}, ProviderUnavailable),
        ({"error": "x", "error_codes": ["50173"]}, ProviderUnavailable),
    ],
)
def test_the_error_code_decides_the_error(
    payload: dict[str, Any], error_type: type[ProviderFailure]
) -> None:
    assert error_type is type(failure(payload))


def test_no_code_is_in_two_sets() -> None:
    sets = (MISCONFIGURED, TRANSIENT, NEEDS_RECONNECT, NEEDS_CONSENT, NEEDS_ADMINISTRATOR)

    assert sum(map(len, sets)) == len(frozenset().union(*sets))


@pytest.mark.parametrize(
    ("payload", "problem"),
    [
        (error_response(50173), ProblemCode.RECONNECT_REQUIRED),
        (error_response(12345), ProblemCode.RECONNECT_REQUIRED),
        (error_response(65001), ProblemCode.NEEDS_CONSENT),
        (error_response(7000112, error="unauthorized_client"), ProblemCode.ADMIN_REQUIRED),
        (error_response(500014, error="invalid_resource"), ProblemCode.ADMIN_REQUIRED),
        (error_response(650052, error="invalid_client"), ProblemCode.ADMIN_REQUIRED),
        (error_response(53003), ProblemCode.ADMIN_REQUIRED),
        (error_response(7000222, error="invalid_client"), None),
        (error_response(90033, 53003), None),
    ],
)
def test_the_error_code_decides_what_the_user_should_do(
    payload: dict[str, Any], problem: ProblemCode | None
) -> None:
    assert problem == failure(payload).problem


def test_the_message_has_the_code_and_no_personal_data() -> None:
    assert (
        "Microsoft rejected the request: invalid_grant, AADSTS700082."
        == failure(error_response(700082)).message
    )

"""The error raised for each of Microsoft's sign-in error codes."""

from typing import Any

import pytest

from shared.domain.errors import (
    CredentialInvalid,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.microsoft.aadsts import MISCONFIGURED, NEEDS_RECONNECT, TRANSIENT, failure

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
    assert not MISCONFIGURED & TRANSIENT
    assert not MISCONFIGURED & NEEDS_RECONNECT
    assert not TRANSIENT & NEEDS_RECONNECT


def test_the_message_has_the_code_and_no_personal_data() -> None:
    assert (
        "Microsoft rejected the request: invalid_grant, AADSTS700082."
        == failure(error_response(700082)).message
    )

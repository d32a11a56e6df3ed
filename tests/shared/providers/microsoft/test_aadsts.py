"""Whose move it is after Microsoft has refused a token."""

from typing import Any

import pytest

from shared.domain.errors import (
    CredentialDead,
    ProviderFailure,
    ProviderMisconfigured,
    ProviderUnavailable,
)
from shared.providers.microsoft.aadsts import OUR_FAULT, PASSING, USERS_MOVE, failure

MUST_RECONNECT = [70000, 70008, 700082, 700084, 50173, 50076, 50079, 65001, 53003, 50057]
OURS = [7000215, 7000222, 700016, 50011]


def refused(*codes: int, error: str = "invalid_grant") -> dict[str, Any]:
    return {"error": error, "error_codes": list(codes), "error_description": "AADSTS1: who? kim@x"}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        *[(refused(code), CredentialDead) for code in MUST_RECONNECT],
        *[(refused(code), ProviderMisconfigured) for code in OURS],
        *[(refused(code, error="invalid_client"), ProviderMisconfigured) for code in OURS],
        (refused(90033), ProviderUnavailable),
        (refused(90033, error="temporarily_unavailable"), ProviderUnavailable),
        (refused(50196), ProviderUnavailable),
        (refused(70000, 7000215), ProviderMisconfigured),
        (refused(90033, 70000), ProviderUnavailable),
        (refused(12345), CredentialDead),
        (refused(12345, error="invalid_client"), ProviderMisconfigured),
        (refused(12345, error="something_new"), ProviderUnavailable),
        ({"error": "interaction_required"}, CredentialDead),
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
def test_a_refusal_means(told: dict[str, Any], kind: type[ProviderFailure]) -> None:
    assert kind is type(failure(told))


def test_no_code_stands_for_two_things() -> None:
    assert not OUR_FAULT & PASSING
    assert not OUR_FAULT & USERS_MOVE
    assert not PASSING & USERS_MOVE


def test_the_message_names_the_code_and_nobody() -> None:
    assert "Microsoft refused: invalid_grant, AADSTS700082." == failure(refused(700082)).message

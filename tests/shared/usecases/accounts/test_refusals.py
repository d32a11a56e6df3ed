import pytest

from shared.domain.connection import Provider
from shared.domain.errors import (
    AccessDenied,
    CalendarServiceError,
    CodeRejected,
    ProviderUnreachable,
)
from shared.usecases.accounts.authorization import Callback
from shared.usecases.accounts.refusals import code_of


def callback(
    error: str | None, description: str | None = None, code: str | None = None
) -> Callback:
    return Callback(
        provider=Provider.OUTLOOK,
        code=code,
        state="state",
        error=error,
        error_description=description,
    )


@pytest.mark.parametrize(
    ("error", "description", "expected"),
    [
        ("access_denied", None, AccessDenied),
        ("access_denied", "AADSTS65004: User declined to consent.", AccessDenied),
        ("consent_required", "AADSTS65004", AccessDenied),
        ("something_new", None, AccessDenied),
        ("access_denied", "AADSTS90094: An administrator must consent.", CodeRejected),
        ("consent_required", "AADSTS90095", CodeRejected),
        ("invalid_client", "AADSTS650052: The organization has not subscribed.", CodeRejected),
        ("unauthorized_client", "AADSTS7000112", CodeRejected),
        ("admin_policy_enforced", None, CodeRejected),
        ("server_error", "AADSTS90033", ProviderUnreachable),
        ("temporarily_unavailable", None, ProviderUnreachable),
        ("invalid_request", "AADSTS900144", ProviderUnreachable),
        ("unauthorized_client", "AADSTS700016", ProviderUnreachable),
        ("org_internal", None, ProviderUnreachable),
        (None, None, CodeRejected),
    ],
)
def test_the_error_of_the_redirect_decides_the_error(
    error: str | None, description: str | None, expected: type[CalendarServiceError]
) -> None:
    with pytest.raises(CalendarServiceError) as caught:
        code_of(callback(error, description))

    assert expected is type(caught.value)


def test_the_text_of_the_redirect_is_not_repeated() -> None:
    with pytest.raises(AccessDenied) as caught:
        code_of(callback("<script>", "<script>alert(1)</script>"))

    assert "script" not in caught.value.message


def test_a_code_is_returned() -> None:
    assert "c-1" == code_of(callback(None, code="c-1"))

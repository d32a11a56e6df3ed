"""The failures every calendar provider must report, run against each of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialInvalid,
    ProviderFailure,
    ProviderUnavailable,
)
from tests.support.provider_cases import DAY, RETRY_AFTER, ProviderCase, ServerFailure, content

pytestmark = pytest.mark.long

TIMEOUT = timedelta(seconds=10)
SHORT = timedelta(milliseconds=400)
CALLS = ["entries", "create", "update", "delete"]


def call(case: ProviderCase, name: str, *, timeout: timedelta = TIMEOUT) -> None:
    ref = case.server.ref(content())
    match name:
        case "entries":
            case.provider.entries(case.account, DAY, timeout=timeout)
        case "create":
            case.provider.create_copy(case.account, content(), timeout=timeout)
        case "update":
            case.provider.update_copy(case.account, ref, content(title="New"), timeout=timeout)
        case "delete":
            case.provider.delete_copy(case.account, ref, key=content().key, timeout=timeout)


def prepare(case: ProviderCase, name: str) -> None:
    if name in ("update", "delete"):
        case.provider.create_copy(case.account, content(), timeout=TIMEOUT)


@pytest.mark.parametrize("name", CALLS)
def test_a_rejected_credential_is_sent_only_once(faulty_case: ProviderCase, name: str) -> None:
    prepare(faulty_case, name)
    before = faulty_case.server.requests()
    faulty_case.server.fail_next(ServerFailure.UNAUTHORIZED)

    # An expired token can be refreshed; without tokens, the credential itself is invalid.
    with pytest.raises((AccessExpired, CredentialInvalid)):
        call(faulty_case, name)

    assert before + 1 == faulty_case.server.requests()


@pytest.mark.parametrize("name", CALLS)
def test_a_rate_limit_returns_the_time_to_wait(faulty_case: ProviderCase, name: str) -> None:
    prepare(faulty_case, name)
    faulty_case.server.fail_next(ServerFailure.RATE_LIMITED)

    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_case, name)

    expected = (RETRY_AFTER, False)
    assert expected == (caught.value.retry_after, caught.value.unsettled)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("failure", [ServerFailure.BROKEN, ServerFailure.SILENT])
def test_a_transient_failure_can_be_retried(
    faulty_case: ProviderCase, name: str, failure: ServerFailure
) -> None:
    prepare(faulty_case, name)
    faulty_case.server.fail_next(failure)

    with pytest.raises(ProviderUnavailable):
        call(faulty_case, name, timeout=SHORT)

    call(faulty_case, name)


@pytest.mark.parametrize("failure", [ServerFailure.TRUNCATED, ServerFailure.HTML])
@pytest.mark.parametrize("name", ["entries", "update"])
def test_a_malformed_response_never_counts_as_empty(
    faulty_case: ProviderCase, name: str, failure: ServerFailure
) -> None:
    prepare(faulty_case, "update")
    faulty_case.server.fail_next(failure)

    with pytest.raises(ProviderUnavailable):
        call(faulty_case, name)


@pytest.mark.parametrize("name", CALLS)
def test_a_web_page_never_counts_as_success(faulty_case: ProviderCase, name: str) -> None:
    prepare(faulty_case, name)
    before = dict(faulty_case.server.items())
    faulty_case.server.fail_next(ServerFailure.HTML)

    with pytest.raises(ProviderUnavailable):
        call(faulty_case, name)

    assert before == faulty_case.server.items()


@pytest.mark.parametrize(
    "failure", [ServerFailure.BROKEN_AFTER_COMMIT, ServerFailure.SILENT_AFTER_COMMIT]
)
def test_retrying_a_create_without_a_response_leaves_one_copy(
    faulty_case: ProviderCase, failure: ServerFailure
) -> None:
    faulty_case.server.fail_next(failure)
    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_case, "create", timeout=SHORT)

    call(faulty_case, "create")

    assert caught.value.unsettled
    expected = 1
    assert expected == len(faulty_case.server.items())


def test_retrying_a_delete_without_a_response_raises_copy_gone(
    faulty_case: ProviderCase,
) -> None:
    prepare(faulty_case, "delete")
    faulty_case.server.fail_next(ServerFailure.BROKEN_AFTER_COMMIT, method="DELETE")
    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_case, "delete")

    with pytest.raises(CopyGone):
        call(faulty_case, "delete")

    assert caught.value.unsettled


@pytest.mark.parametrize("name", CALLS)
def test_an_unreadable_credential_is_invalid_and_never_quoted(
    case: ProviderCase, name: str
) -> None:
    broken = replace(case, account=replace(case.account, credential="s3cret, not ours"))

    with pytest.raises(CredentialInvalid) as caught:
        call(broken, name)

    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {broken.account!r}"


@pytest.mark.parametrize("name", CALLS)
def test_a_removed_calendar_never_counts_as_empty(case: ProviderCase, name: str) -> None:
    gone = f"{case.account.connection.calendar_id}no/such/calendar/"
    connection = replace(case.account.connection, calendar_id=gone)
    moved = replace(case, account=replace(case.account, connection=connection))

    with pytest.raises(ProviderFailure):
        call(moved, name)

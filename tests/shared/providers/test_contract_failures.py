"""How every calendar provider fails, run against each of them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.errors import (
    AccessExpired,
    CopyGone,
    CredentialDead,
    ProviderFailure,
    ProviderUnavailable,
)
from tests.support.provider_peers import DAY, RETRY_AFTER, Failure, Party, content

TIMEOUT = timedelta(seconds=10)
SHORT = timedelta(milliseconds=400)
CALLS = ["entries", "create", "update", "delete"]


def call(party: Party, name: str, *, timeout: timedelta = TIMEOUT) -> None:
    ref = party.peer.ref(content())
    match name:
        case "entries":
            party.provider.entries(party.account, DAY, timeout=timeout)
        case "create":
            party.provider.create_copy(party.account, content(), timeout=timeout)
        case "update":
            party.provider.update_copy(party.account, ref, content(title="New"), timeout=timeout)
        case "delete":
            party.provider.delete_copy(party.account, ref, key=content().key, timeout=timeout)


def prepare(party: Party, name: str) -> None:
    if name in ("update", "delete"):
        party.provider.create_copy(party.account, content(), timeout=TIMEOUT)


@pytest.mark.parametrize("name", CALLS)
def test_a_refused_credential_is_tried_once_only(faulty_party: Party, name: str) -> None:
    prepare(faulty_party, name)
    before = faulty_party.peer.requests()
    faulty_party.peer.fail_next(Failure.UNAUTHORIZED)

    # Where tokens expire, the caller may refresh; where they do not, the credential is dead.
    with pytest.raises((AccessExpired, CredentialDead)):
        call(faulty_party, name)

    assert before + 1 == faulty_party.peer.requests()


@pytest.mark.parametrize("name", CALLS)
def test_a_rate_limit_tells_how_long_to_wait(faulty_party: Party, name: str) -> None:
    prepare(faulty_party, name)
    faulty_party.peer.fail_next(Failure.RATE_LIMITED)

    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_party, name)

    expected = (RETRY_AFTER, False)
    assert expected == (caught.value.retry_after, caught.value.unsettled)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("failure", [Failure.BROKEN, Failure.SILENT])
def test_a_passing_fault_is_worth_another_try(
    faulty_party: Party, name: str, failure: Failure
) -> None:
    prepare(faulty_party, name)
    faulty_party.peer.fail_next(failure)

    with pytest.raises(ProviderUnavailable):
        call(faulty_party, name, timeout=SHORT)

    call(faulty_party, name)


@pytest.mark.parametrize("failure", [Failure.TRUNCATED, Failure.HTML])
@pytest.mark.parametrize("name", ["entries", "update"])
def test_a_garbled_answer_is_never_taken_for_an_empty_one(
    faulty_party: Party, name: str, failure: Failure
) -> None:
    prepare(faulty_party, "update")
    faulty_party.peer.fail_next(failure)

    with pytest.raises(ProviderUnavailable):
        call(faulty_party, name)


@pytest.mark.parametrize("name", CALLS)
def test_a_web_page_is_never_taken_for_success(faulty_party: Party, name: str) -> None:
    prepare(faulty_party, name)
    before = dict(faulty_party.peer.items())
    faulty_party.peer.fail_next(Failure.HTML)

    with pytest.raises(ProviderUnavailable):
        call(faulty_party, name)

    assert before == faulty_party.peer.items()


@pytest.mark.parametrize("failure", [Failure.BROKEN_AFTER_COMMIT, Failure.SILENT_AFTER_COMMIT])
def test_a_create_that_lost_its_answer_makes_one_copy_when_tried_again(
    faulty_party: Party, failure: Failure
) -> None:
    faulty_party.peer.fail_next(failure)
    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_party, "create", timeout=SHORT)

    call(faulty_party, "create")

    assert caught.value.unsettled
    expected = 1
    assert expected == len(faulty_party.peer.items())


def test_a_delete_that_lost_its_answer_says_gone_when_tried_again(faulty_party: Party) -> None:
    prepare(faulty_party, "delete")
    faulty_party.peer.fail_next(Failure.BROKEN_AFTER_COMMIT)
    with pytest.raises(ProviderUnavailable) as caught:
        call(faulty_party, "delete")

    with pytest.raises(CopyGone):
        call(faulty_party, "delete")

    assert caught.value.unsettled


@pytest.mark.parametrize("name", CALLS)
def test_a_credential_that_cannot_be_read_is_dead_and_told_to_nobody(
    party: Party, name: str
) -> None:
    broken = replace(party, account=replace(party.account, credential="s3cret, not ours"))

    with pytest.raises(CredentialDead) as caught:
        call(broken, name)

    assert "s3cret" not in f"{caught.value} {caught.value.__cause__} {broken.account!r}"


@pytest.mark.parametrize("name", CALLS)
def test_a_calendar_that_was_removed_is_never_taken_for_an_empty_one(
    party: Party, name: str
) -> None:
    gone = f"{party.account.connection.calendar_id}no/such/calendar/"
    connection = replace(party.account.connection, calendar_id=gone)
    moved = replace(party, account=replace(party.account, connection=connection))

    with pytest.raises(ProviderFailure):
        call(moved, name)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import CredentialsRejected, ProviderUnreachable, TooManyRequests
from shared.domain.limits import (
    CALDAV_CONNECTS,
    CALDAV_FAILURES_OF_ACCOUNT,
    CALDAV_FAILURES_OF_USER,
)
from shared.usecases.accounts.caldav_attempts import CaldavAttempts
from shared.usecases.people.limits import NO_LIMITS
from tests.support.limit_counts import limits_of
from tests.support.platform import NOW

SERVER = "https://dav.example"
FAILURES = CredentialsRejected, ProviderUnreachable


def attempts(**changes: int) -> CaldavAttempts:
    allowed = {"connects": 100, "user": 100, "account": 100, **changes}
    return CaldavAttempts(
        limits_of(
            {
                CALDAV_CONNECTS: allowed["connects"],
                CALDAV_FAILURES_OF_USER: allowed["user"],
                CALDAV_FAILURES_OF_ACCOUNT: allowed["account"],
            }
        )
    )


def guess(
    guarded: CaldavAttempts,
    user: str = "eve",
    *,
    username: str = "ann",
    server: str = SERVER,
    error: type[Exception] | None = CredentialsRejected,
) -> str:
    """Return the outcome of one attempt, which ends with that error."""
    try:
        with guarded.attempt(user, server_url=server, username=username, now=NOW):
            if error:
                raise error("x")
    except TooManyRequests:
        return "limited"
    except FAILURES:
        return "failed"
    return "connected"


def test_only_rejected_passwords_count_as_failures() -> None:
    guarded = attempts(user=2, account=2)

    outcomes = [guess(guarded, error=ProviderUnreachable) for _ in range(5)]
    outcomes += [guess(guarded, error=None) for _ in range(5)]

    assert outcomes == ["failed"] * 5 + ["connected"] * 5


def test_an_unexpected_error_does_not_count_as_a_failure() -> None:
    guarded = attempts(user=1)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            guess(guarded, error=ZeroDivisionError)


def test_a_user_may_fail_only_so_often_with_all_accounts_together() -> None:
    guarded = attempts(user=3)

    outcomes = [guess(guarded, username=each) for each in "abcd"]

    assert outcomes == ["failed"] * 3 + ["limited"]
    assert guess(guarded, "other", username="a", error=None) == "connected"


@pytest.mark.parametrize(
    ("username", "server"), [("ANN ", SERVER), ("ann", "https://DAV.example/home/")]
)
def test_an_account_is_the_same_in_another_spelling(username: str, server: str) -> None:
    guarded = attempts(account=1)
    guess(guarded)

    assert guess(guarded, username=username, server=server, error=None) == "limited"


@pytest.mark.parametrize("server", ["https://[", "https://dav.example:99999", "x"])
def test_a_server_that_is_no_url_is_counted_too(server: str) -> None:
    guarded = attempts(account=1)

    assert [guess(guarded, server=server) for _ in range(2)] == ["failed", "limited"]


def test_an_attempt_counts_as_a_failure_while_it_runs() -> None:
    guarded = attempts(user=1)

    with guarded.attempt("eve", server_url=SERVER, username="ann", now=NOW):
        assert guess(guarded, error=None) == "limited"


@given(
    before=st.lists(
        st.tuples(st.sampled_from(["eve", "mal"]), st.sampled_from([*FAILURES, None])), max_size=12
    )
)
def test_what_others_try_never_keeps_a_user_from_a_first_attempt(
    before: list[tuple[str, type[Exception] | None]],
) -> None:
    guarded = attempts(user=3, account=2)

    for user, error in before:
        guess(guarded, user, error=error)

    assert guess(guarded, "ann", error=None) == "connected"


@given(order=st.permutations(["eve", "eve", "eve", "mal", "mal"]))
def test_the_order_of_guesses_does_not_change_how_many_pass_per_user(order: list[str]) -> None:
    guarded = attempts(account=100, user=2)
    passed = {"eve": 0, "mal": 0}

    for user in order:
        passed[user] += guess(guarded, user) == "failed"

    assert passed == {"eve": 2, "mal": 2}


def test_without_limits_nothing_is_limited() -> None:
    guarded = CaldavAttempts(NO_LIMITS)

    assert {guess(guarded) for _ in range(50)} == {"failed"}

from typing import Any

import pytest

from shared.domain.connection import Connection, Provider, unverified_account
from shared.ports import DisconnectedAccount
from shared.usecases.accounts.linking import by_address, same_account, was_disconnected
from tests.support.store_samples import connection

KIM = "kim@contoso.example"
UNPROVEN = unverified_account(KIM)


def microsoft(connection_id: str, **changes: Any) -> Connection:
    fields = {"provider": Provider.OUTLOOK, "email": KIM, "calendar_id": f"home of {connection_id}"}
    return connection(connection_id, **{**fields, **changes})


def google(connection_id: str, **changes: Any) -> Connection:
    return connection(connection_id, **{"email": KIM, **changes})


def found(*known: Connection, opens: bool = False, **identity: str) -> str | None:
    fields = {"account": "new", "email": KIM, "calendar_id": "primary", **identity}
    same = same_account(known, opens=lambda _: opens, **fields)
    return same.id if same else None


def test_the_providers_id_decides_even_if_the_address_has_changed() -> None:
    old = google("old", account="sub-1", email="kim.maier@example.org")
    other = google("other", account=UNPROVEN)

    assert "old" == found(other, old, account="sub-1")


def test_a_proven_account_of_the_same_address_is_another_account() -> None:
    assert found(google("proven", account="sub-1"), account="sub-2", opens=True) is None


def test_an_address_at_google_means_one_account() -> None:
    assert "unproven" == found(google("unproven", account=UNPROVEN))


@pytest.mark.parametrize(("opens", "expected"), [(True, "unproven"), (False, None)])
def test_an_address_at_microsoft_means_the_account_whose_calendar_the_tokens_open(
    expected: str | None, *, opens: bool
) -> None:
    assert expected == found(microsoft("unproven", account=UNPROVEN), opens=opens)


def test_two_names_of_one_mailbox_are_one_account() -> None:
    unproven = microsoft("unproven", account=unverified_account("k.maier@contoso.example"))

    assert "unproven" == found(unproven, calendar_id="home of unproven")


def test_tokens_of_an_unknown_account_belong_to_the_only_google_account() -> None:
    known = (google("g1", account="sub-1"), google("g2", account="sub-2", email="b@example.org"))

    same = by_address(known, email=KIM.upper(), calendar_id="", opens=lambda _: False)

    assert ["g1"] == [each.id for each in same]


@pytest.mark.parametrize(
    ("opened", "expected"), [({"work"}, ["work"]), (set(), []), ({"work", "own"}, ["work", "own"])]
)
def test_of_accounts_that_share_an_address_the_provider_decides(
    opened: set[str], expected: list[str]
) -> None:
    known = (microsoft("work"), microsoft("own"))

    same = by_address(known, email=KIM, calendar_id="", opens=lambda each: each.id in opened)

    assert expected == [each.id for each in same]


@pytest.mark.parametrize(
    ("account", "email", "expected"),
    [
        ("sub-1", "new@example.org", True),
        ("sub-2", KIM, False),
        (None, KIM.upper(), True),
        (None, "new@example.org", False),
    ],
)
def test_a_disconnected_account_is_known_by_its_id_else_by_its_address(
    account: str | None, email: str, *, expected: bool
) -> None:
    gone = DisconnectedAccount(account="sub-1", email=KIM, calendar_id="primary")

    assert expected == was_disconnected([gone], account=account, email=email)


def test_an_unproven_disconnected_account_is_known_by_its_address() -> None:
    gone = DisconnectedAccount(account=UNPROVEN, email=KIM, calendar_id="primary")

    assert was_disconnected([gone], account="sub-2", email=KIM)

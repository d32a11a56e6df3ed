"""Errors of the booking transaction in DynamoDB."""

from typing import Any

import pytest
from pynamodb.exceptions import TransactWriteError

from shared.domain.errors import LostRace, TooLarge
from shared.domain.invite import GuestList
from shared.stores.bookings import DynamoBookings
from shared.stores.invites import DynamoInvites
from shared.stores.tables import Tables
from tests.support.aws import responding_with, transaction_cancelled
from tests.support.store_samples import session

pytestmark = pytest.mark.long


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
@pytest.mark.parametrize("index", range(4), ids=["check", "event", "first hold", "hold"])
def test_another_writer_is_a_lost_race_at_every_action(
    bookings: DynamoBookings, tables: Tables, code: str, index: int
) -> None:
    reasons = ["None"] * 4
    reasons[index] = code

    with (
        responding_with(tables, "TransactWriteItems", transaction_cancelled(*reasons)),
        pytest.raises(LostRace),
    ):
        bookings.commit(session(), previous=None)


@pytest.mark.parametrize(
    "code",
    ["ValidationError", "ThrottlingError", "ProvisionedThroughputExceeded", "AccessDenied"],
)
@pytest.mark.parametrize("index", range(4), ids=["check", "event", "first hold", "hold"])
def test_any_other_cancellation_reason_stays_an_error_at_every_action(
    bookings: DynamoBookings, tables: Tables, code: str, index: int
) -> None:
    reasons = ["None"] * 4
    reasons[index] = code

    with (
        responding_with(tables, "TransactWriteItems", transaction_cancelled(*reasons)),
        pytest.raises(TransactWriteError),
    ):
        bookings.commit(session(), previous=None)


_SIZE = "Item size to update has exceeded the maximum allowed size"


@pytest.mark.parametrize(
    "rejected",
    [
        {"Error": {"Code": "ValidationException", "Message": _SIZE}},
        {
            "Error": {"Code": "TransactionCanceledException", "Message": "cancelled"},
            "CancellationReasons": [
                {"Code": "None"},
                {"Code": "ValidationError", "Message": _SIZE},
            ],
        },
    ],
    ids=["the request", "one action"],
)
def test_an_item_that_is_too_large_is_a_clear_error(
    bookings: DynamoBookings, tables: Tables, rejected: dict[str, object]
) -> None:
    with (
        responding_with(tables, "TransactWriteItems", rejected),
        pytest.raises(TooLarge, match="choose another day"),
    ):
        bookings.commit(session(), previous=None)


def test_a_guest_list_that_is_too_large_is_a_clear_error(tables: Tables) -> None:
    rejected = {"Error": {"Code": "ValidationException", "Message": _SIZE}}

    with responding_with(tables, "PutItem", rejected), pytest.raises(TooLarge):
        DynamoInvites(tables).save_guest_list(GuestList(session_id="1-a", session_type="x"))


def test_a_request_dynamodb_rejects_stays_an_error(
    bookings: DynamoBookings, tables: Tables
) -> None:
    rejected = {"Error": {"Code": "ValidationException", "Message": "no"}}

    with (
        responding_with(tables, "TransactWriteItems", rejected),
        pytest.raises(TransactWriteError),
    ):
        bookings.commit(session(), previous=None)


def test_the_sdk_may_retry_a_transaction_because_it_has_a_token(
    bookings: DynamoBookings, tables: Tables
) -> None:
    bodies: list[str] = []
    hooks: Any = tables.client.client.meta.events

    def record(params: dict[str, Any], **_: object) -> None:
        bodies.append(params["body"].decode())

    hooks.register("before-call.dynamodb.TransactWriteItems", record)
    bookings.commit(session(), previous=None)
    hooks.unregister("before-call.dynamodb.TransactWriteItems", record)

    assert len(bodies) == 1
    assert '"ClientRequestToken"' in bodies[0]

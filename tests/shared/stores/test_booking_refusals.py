"""What DynamoDB may answer to the transaction of a booking."""

from typing import Any

import pytest
from pynamodb.exceptions import TransactWriteError

from shared.domain.errors import LostRace
from shared.stores.bookings import DynamoBookings
from shared.stores.tables import Tables
from tests.support.aws import answering, cancelled_by
from tests.support.store_samples import session


@pytest.mark.parametrize("code", ["ConditionalCheckFailed", "TransactionConflict"])
@pytest.mark.parametrize("index", range(4), ids=["check", "event", "first hold", "hold"])
def test_somebody_writing_first_is_a_lost_race_at_every_action(
    bookings: DynamoBookings, tables: Tables, code: str, index: int
) -> None:
    reasons = ["None"] * 4
    reasons[index] = code

    with (
        answering(tables, "TransactWriteItems", cancelled_by(*reasons)),
        pytest.raises(LostRace),
    ):
        bookings.commit(session(), previous=None)


@pytest.mark.parametrize(
    "code",
    ["ValidationError", "ThrottlingError", "ProvisionedThroughputExceeded", "AccessDenied"],
)
@pytest.mark.parametrize("index", range(4), ids=["check", "event", "first hold", "hold"])
def test_any_other_refusal_stays_an_error_at_every_action(
    bookings: DynamoBookings, tables: Tables, code: str, index: int
) -> None:
    reasons = ["None"] * 4
    reasons[index] = code

    with (
        answering(tables, "TransactWriteItems", cancelled_by(*reasons)),
        pytest.raises(TransactWriteError),
    ):
        bookings.commit(session(), previous=None)


def test_a_request_dynamodb_does_not_take_stays_an_error(
    bookings: DynamoBookings, tables: Tables
) -> None:
    refused = {"Error": {"Code": "ValidationException", "Message": "no"}}

    with (
        answering(tables, "TransactWriteItems", refused),
        pytest.raises(TransactWriteError),
    ):
        bookings.commit(session(), previous=None)


def test_the_sdk_may_repeat_a_transaction_because_it_carries_a_token(
    bookings: DynamoBookings, tables: Tables
) -> None:
    bodies: list[str] = []
    hooks: Any = tables.connection.client.meta.events

    def note(params: dict[str, Any], **_: object) -> None:
        bodies.append(params["body"].decode())

    hooks.register("before-call.dynamodb.TransactWriteItems", note)
    bookings.commit(session(), previous=None)
    hooks.unregister("before-call.dynamodb.TransactWriteItems", note)

    assert len(bodies) == 1
    assert '"ClientRequestToken"' in bodies[0]

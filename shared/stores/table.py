"""One DynamoDB table: the only requests that are no transaction."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBConnectionError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from shared.domain.errors import CalendarServiceError
from shared.parallel import together
from shared.stores.rows import Row

BATCH_KEYS = 100
BATCH_ATTEMPTS = 5
BACKOFF_SECONDS = 0.05

Item = dict[str, dict[str, Any]]
Key = tuple[str, str]
"""Partition key, sort key."""

PK = Path(["pk"])
SK = Path(["sk"])

# Lambda snapshots clone the state of the ordinary generator, and with it everybody's jitter.
_RANDOM = random.SystemRandom()


class ReadIncomplete(CalendarServiceError):
    """DynamoDB went on returning a batch in part; it is throttling this table."""


class Table:
    """One table with keys `pk` and `sk`. Every read but an index's is consistent."""

    def __init__(
        self, name: str, connection: Connection, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self._connection = connection
        self._sleep = sleep

    def get(self, key: Key) -> Item | None:
        """Return the item, or None."""
        pk, sk = key
        answer = self._connection.get_item(self.name, pk, range_key=sk, consistent_read=True)
        return answer.get("Item")

    def query(self, pk: str, keys: Condition | None, *, index: str | None = None) -> Iterator[Item]:
        """Yield the partition's items whose sort key meets the condition, if any, in order.

        With `index` the keys are that index's, which is eventually consistent.
        """
        start: Mapping[str, Any] | None = None
        while True:
            page = self._connection.query(
                self.name,
                pk,
                range_key_condition=keys,
                consistent_read=index is None,
                exclusive_start_key=start,
                index_name=index,
            )
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def get_all(self, keys: Iterable[Key]) -> list[Item]:
        """Return those items that exist, in no order, 100 keys a request, requests in parallel.

        Raises:
            ReadIncomplete: when some keys stay unread after a few attempts.
        """
        wanted = [{"pk": pk, "sk": sk} for pk, sk in dict.fromkeys(keys)]
        batches = [wanted[n : n + BATCH_KEYS] for n in range(0, len(wanted), BATCH_KEYS)]
        results = together([partial(self._batch, batch) for batch in batches])
        return [item for items in results for item in items]

    def put(self, row: Row, condition: Condition | None = None) -> bool:
        """Write the item; return False, and write nothing, when the condition does not hold."""
        item = row.serialize()
        pk, sk = item.pop("pk")["S"], item.pop("sk")["S"]
        return self._holds(
            lambda: self._connection.put_item(
                self.name, pk, range_key=sk, attributes=item, condition=condition
            )
        )

    def update(
        self, key: Key, actions: Sequence[Action], condition: Condition | None = None
    ) -> bool:
        """Change the item; return False, and change nothing, when the condition does not hold."""
        pk, sk = key
        return self._holds(
            lambda: self._connection.update_item(
                self.name, pk, range_key=sk, actions=actions, condition=condition
            )
        )

    def changed(self, key: Key, actions: Sequence[Action]) -> Item:
        """Change the item and return it as this very change has left it."""
        pk, sk = key
        answer = self._connection.update_item(
            self.name, pk, range_key=sk, actions=actions, return_values="ALL_NEW"
        )
        item: Item = answer["Attributes"]
        return item

    def delete(self, key: Key, condition: Condition | None = None) -> bool:
        """Remove the item; return False when there was none, or the condition does not hold."""
        pk, sk = key
        held = PK.exists() if condition is None else PK.exists() & condition
        return self._holds(
            lambda: self._connection.delete_item(self.name, pk, range_key=sk, condition=held)
        )

    def take(self, key: Key) -> Item | None:
        """Remove the item and return it: of many callers one gets it, the others None."""
        pk, sk = key
        answer = self._connection.delete_item(self.name, pk, range_key=sk, return_values="ALL_OLD")
        return answer.get("Attributes")

    def put_action(self, row: Row, condition: Condition) -> dict[str, Any]:
        """Return a conditional write of the item, for a transaction."""
        item = row.serialize()
        pk, sk = item.pop("pk")["S"], item.pop("sk")["S"]
        return self._connection.get_operation_kwargs(
            self.name, pk, range_key=sk, key="Item", attributes=item, condition=condition
        )

    def update_action(
        self, key: Key, actions: Sequence[Action], condition: Condition
    ) -> dict[str, Any]:
        """Return a conditional change of the item, for a transaction."""
        pk, sk = key
        return self._connection.get_operation_kwargs(
            self.name, pk, range_key=sk, actions=actions, condition=condition
        )

    def check_action(self, key: Key, condition: Condition) -> dict[str, Any]:
        """Return a check of the item that writes nothing, for a transaction."""
        pk, sk = key
        return self._connection.get_operation_kwargs(
            self.name, pk, range_key=sk, condition=condition
        )

    def _batch(self, keys: list[dict[str, str]]) -> list[Item]:
        found: list[Item] = []
        left: list[Any] = list(keys)
        for attempt in range(BATCH_ATTEMPTS):
            if attempt:
                self._sleep(_RANDOM.uniform(0, BACKOFF_SECONDS * 2**attempt))
            answer = self._connection.batch_get_item(self.name, left, consistent_read=True)
            found += answer["Responses"].get(self.name, ())
            left = answer.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not left:
                return found
        raise ReadIncomplete(
            f"DynamoDB left {len(left)} keys of {self.name} unread after {BATCH_ATTEMPTS} "
            "attempts; look at the table's throttling metrics"
        )

    @staticmethod
    def _holds(write: Callable[[], object]) -> bool:
        try:
            write()
        except PynamoDBConnectionError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True

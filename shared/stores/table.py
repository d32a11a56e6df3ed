"""One DynamoDB table: every request that is not a transaction."""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from pynamodb.attributes import NumberAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PynamoDBConnectionError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path
from pynamodb.expressions.update import Action

from shared.domain.errors import CalendarServiceError, TooLarge
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

# SnapStart copies the state of the default generator into every restored process.
_RANDOM = random.SystemRandom()


def numbered(counter: NumberAttribute, first: int = 0) -> Action:
    """Return the action that adds 1 to a counter, which starts after `first`."""
    return counter.set((counter | first) + 1)


class ReadIncomplete(CalendarServiceError):
    """DynamoDB repeatedly returned only part of a batch: it is throttling this table."""


def check_size(code: str | None, message: str | None, error: Exception) -> None:
    """Return unless DynamoDB rejected an item for its size (400 KB).

    Raises:
        TooLarge: when it did.
    """
    if code in {"ValidationException", "ValidationError"} and "size" in (message or "").lower():
        raise TooLarge(
            "This is too large to be stored. Send fewer people, or choose another day."
        ) from error


class Table:
    """One table with the keys `pk` and `sk`. Reads are consistent, except those from an index."""

    def __init__(
        self, name: str, client: Connection, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.name = name
        self._client = client
        self._sleep = sleep

    def get(self, key: Key) -> Item | None:
        """Return the item, or None."""
        pk, sk = key
        response = self._client.get_item(self.name, pk, range_key=sk, consistent_read=True)
        return response.get("Item")

    def query(
        self,
        pk: str,
        keys: Condition | None,
        *,
        index: str | None = None,
        newest_first: bool = False,
        page_size: int | None = None,
    ) -> Iterator[Item]:
        """Yield the partition's items whose sort key meets the condition, if given, in order.

        With `index` the keys are those of the index, which is eventually consistent. With
        `newest_first` the order is reversed. A request reads at most `page_size` items, if given.
        """
        start: Mapping[str, Any] | None = None
        while True:
            page = self._client.query(
                self.name,
                pk,
                range_key_condition=keys,
                consistent_read=index is None,
                exclusive_start_key=start,
                index_name=index,
                scan_index_forward=False if newest_first else None,
                limit=page_size,
            )
            yield from page["Items"]
            start = page.get("LastEvaluatedKey")
            if not start:
                return

    def get_all(self, keys: Iterable[Key]) -> list[Item]:
        """Return the items that exist, in no order, 100 keys per request, in parallel requests.

        Raises:
            ReadIncomplete: when some keys are still unread after 5 attempts.
        """
        distinct = [{"pk": pk, "sk": sk} for pk, sk in dict.fromkeys(keys)]
        batches = [distinct[n : n + BATCH_KEYS] for n in range(0, len(distinct), BATCH_KEYS)]
        results = together([partial(self._batch, batch) for batch in batches])
        return [item for items in results for item in items]

    def put(self, row: Row, condition: Condition | None = None) -> bool:
        """Write the item; return False without writing when the condition fails."""
        item = row.serialize()
        pk, sk = item.pop("pk")["S"], item.pop("sk")["S"]
        return self._succeeds(
            lambda: self._client.put_item(
                self.name, pk, range_key=sk, attributes=item, condition=condition
            )
        )

    def replace(self, row: Row, counter: NumberAttribute, *, first: int = 0) -> None:
        """Write the item as `put` does, and count this write in its attribute `counter`.

        An item that did not exist gets the number `first` + 1.
        """
        item = row.serialize()
        key = item.pop("pk")["S"], item.pop("sk")["S"]
        names = {each.attr_name for each in type(row).get_attributes().values()}
        absent = names - item.keys() - {"pk", "sk", counter.attr_name}
        self.update(
            key,
            [
                *(Path([name]).set(value) for name, value in sorted(item.items())),
                *(Path([name]).remove() for name in sorted(absent)),
                numbered(counter, first),
            ],
        )

    def update(
        self, key: Key, actions: Sequence[Action], condition: Condition | None = None
    ) -> bool:
        """Update the item; return False without updating when the condition fails."""
        pk, sk = key
        return self._succeeds(
            lambda: self._client.update_item(
                self.name, pk, range_key=sk, actions=actions, condition=condition
            )
        )

    def update_and_get(self, key: Key, actions: Sequence[Action]) -> Item:
        """Update the item and return it as this update leaves it."""
        pk, sk = key
        response = self._client.update_item(
            self.name, pk, range_key=sk, actions=actions, return_values="ALL_NEW"
        )
        item: Item = response["Attributes"]
        return item

    def delete(self, key: Key, condition: Condition | None = None) -> bool:
        """Delete the item; return False when there was none or the condition fails."""
        pk, sk = key
        exists = PK.exists() if condition is None else PK.exists() & condition
        return self._succeeds(
            lambda: self._client.delete_item(self.name, pk, range_key=sk, condition=exists)
        )

    def take(self, key: Key) -> Item | None:
        """Delete the item and return it; of concurrent callers one gets it, the others None."""
        pk, sk = key
        response = self._client.delete_item(self.name, pk, range_key=sk, return_values="ALL_OLD")
        return response.get("Attributes")

    def put_action(self, row: Row, condition: Condition | None = None) -> dict[str, Any]:
        """Return a put of the item, for a transaction."""
        item = row.serialize()
        pk, sk = item.pop("pk")["S"], item.pop("sk")["S"]
        return self._client.get_operation_kwargs(
            self.name, pk, range_key=sk, key="Item", attributes=item, condition=condition
        )

    def update_action(
        self, key: Key, actions: Sequence[Action], condition: Condition
    ) -> dict[str, Any]:
        """Return a conditional update of the item, for a transaction."""
        pk, sk = key
        return self._client.get_operation_kwargs(
            self.name, pk, range_key=sk, actions=actions, condition=condition
        )

    def delete_action(self, key: Key) -> dict[str, Any]:
        """Return a deletion of the item, if there is one, for a transaction."""
        pk, sk = key
        return self._client.get_operation_kwargs(self.name, pk, range_key=sk)

    def check_action(self, key: Key, condition: Condition) -> dict[str, Any]:
        """Return a condition check of the item, for a transaction."""
        pk, sk = key
        return self._client.get_operation_kwargs(self.name, pk, range_key=sk, condition=condition)

    def _batch(self, keys: list[dict[str, str]]) -> list[Item]:
        items: list[Item] = []
        left: list[Any] = list(keys)
        for attempt in range(BATCH_ATTEMPTS):
            if attempt:
                self._sleep(_RANDOM.uniform(0, BACKOFF_SECONDS * 2**attempt))
            response = self._client.batch_get_item(self.name, left, consistent_read=True)
            items += response["Responses"].get(self.name, ())
            left = response.get("UnprocessedKeys", {}).get(self.name, {}).get("Keys", [])
            if not left:
                return items
        raise ReadIncomplete(
            f"DynamoDB left {len(left)} keys of {self.name} unread after {BATCH_ATTEMPTS} "
            "attempts; check the table's throttling metrics"
        )

    @staticmethod
    def _succeeds(write: Callable[[], object]) -> bool:
        try:
            write()
        except PynamoDBConnectionError as error:
            check_size(error.cause_response_code, error.cause_response_message, error)
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return False
        return True

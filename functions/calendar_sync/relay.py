"""From the events table's stream to the sync queue: one message per change of an event."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's form
    """Queue the id of every event that a DynamoDB stream payload says has changed.

    A failure is raised, so the stream hands the batch over again.
    """
    if changed := changed_events(payload):
        wiring.sync_queue().send(changed)


def changed_events(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of each event that has changed, with the id of its last stream record.

    Changes of copies and invites are ours and tell nothing.
    """
    return {
        record["dynamodb"]["Keys"]["pk"]["S"]: record["eventID"]
        for record in payload["Records"]
        if record["dynamodb"]["Keys"]["sk"]["S"] == "event" and record["eventName"] != "REMOVE"
    }

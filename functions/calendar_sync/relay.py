"""From the events table's stream to the sync queue: one message per change of an event."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> None:  # noqa: ARG001 - Lambda's form
    """Queue the id of every event that a DynamoDB stream payload says has changed.

    Changes of copies and invites are ours and queue nothing. A failure is raised, so the stream
    hands the batch over again.
    """
    changed = {
        record["dynamodb"]["Keys"]["pk"]["S"]: record["eventID"]
        for record in payload["Records"]
        if record["dynamodb"]["Keys"]["sk"]["S"] == "event" and record["eventName"] != "REMOVE"
    }
    wiring.sync_queue().send(changed)

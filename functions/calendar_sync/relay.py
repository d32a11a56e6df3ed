"""Sends changes in the events table's stream to the sync queue, one message per event."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

_DESIRED_STATE = {"event": "version", "externals": "row_version", "erasure": "row_version"}
"""Items that define the desired state, each with the attribute that numbers its changes."""

_EVENT, _INVITE = "event", "invite#"

logger = Logger()
wiring.warm(wiring.sync_queue)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> None:
    """Queue the id of every event that a DynamoDB stream payload shows to need work.

    A failure raises, so that the stream delivers the batch again.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    if changed := changed_events(payload):
        logger.info("events to reconcile", event_ids=sorted(changed))
        wiring.sync_queue().send(changed)


def changed_events(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of each event to reconcile, with the id of its last stream record.

    An event needs work when it or its guest list has changed, or when an invite is to be sent
    again, or when it has expired: what it leaves is then deleted. An erasure needs work when it is
    requested. This service writes all other changes of copies and invites itself, and records when
    an event is settled; those need no work.
    """
    return {
        record["dynamodb"]["Keys"]["pk"]["S"]: record["eventID"]
        for record in payload["Records"]
        if _needs_work(record["eventName"], record["dynamodb"])
    }


def _needs_work(name: str, change: Mapping[str, Any]) -> bool:
    kind: str = change["Keys"]["sk"]["S"]
    if name == "REMOVE":
        return kind == _EVENT
    image = change["NewImage"]
    if "parked_at" in image:  # a change rewrites the item without it
        return False
    if kind.startswith(_INVITE):
        return bool(image.get("resend", {}).get("BOOL"))
    return kind in _DESIRED_STATE and not _is_settled(image, _DESIRED_STATE[kind])


def _is_settled(image: Mapping[str, Any], version: str) -> bool:
    """Whether this version is marked as settled. A change rewrites the item without the mark."""
    return "settled_version" in image and image["settled_version"] == image[version]

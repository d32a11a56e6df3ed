"""From the events table's stream to the sync queue: one message per change to act on."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import wiring

_DESIRED = {"event": "version", "externals": "row_version"}
"""Items that say how calendars and mail should be, each with what numbers its changes."""

_INVITE = "invite#"

logger = Logger()
wiring.warm(wiring.sync_queue)


def lambda_handler(payload: Mapping[str, Any], context: LambdaContext) -> None:
    """Queue the id of every event that a DynamoDB stream payload says there is work for.

    A failure is raised, so the stream hands the batch over again.
    """
    logger.append_keys(function_request_id=context.aws_request_id)
    if changed := changed_events(payload):
        logger.info("to be brought to calendars and mail", event_ids=sorted(changed))
        wiring.sync_queue().send(changed)


def changed_events(payload: Mapping[str, Any]) -> dict[str, str]:
    """Return the id of each event to look at, with the id of its last stream record.

    It, or who its guests are, has changed, or somebody asks for one more mail. Other changes of
    copies and invites are ours and tell nothing, and neither does a note that all is settled.
    """
    return {
        record["dynamodb"]["Keys"]["pk"]["S"]: record["eventID"]
        for record in payload["Records"]
        if record["eventName"] != "REMOVE" and _asks_for_work(record["dynamodb"])
    }


def _asks_for_work(change: Mapping[str, Any]) -> bool:
    kind, image = change["Keys"]["sk"]["S"], change["NewImage"]
    if kind.startswith(_INVITE):
        return bool(image.get("resend", {}).get("BOOL"))
    return kind in _DESIRED and not _is_settled(image, _DESIRED[kind])


def _is_settled(image: Mapping[str, Any], version: str) -> bool:
    """Whether its own note says so; a change writes the whole item anew, without the note."""
    return "settled_version" in image and image["settled_version"] == image[version]

"""Response data for a notification."""

from typing_extensions import TypedDict


class AcceptedNotificationOut(TypedDict):
    """The id of the SNS message that was accepted."""

    messageId: str

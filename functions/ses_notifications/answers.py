"""What the answer to a notification holds."""

from typing_extensions import TypedDict


class NotedOut(TypedDict):
    """Which message of SNS was taken."""

    messageId: str

"""Mails that SES has received and stored in the stack's bucket."""

from typing_extensions import override

from shared.aws.clients import Clients
from shared.ports import IncomingMails, ReplyUnreadable

PREFIX = "replies/"
"""The first part of the key of every object; the rest is the SES message id."""


class S3IncomingMails(IncomingMails):
    """The objects of the bucket; a mail of more than `largest` bytes is not read."""

    def __init__(self, bucket: str, clients: Clients, *, largest: int) -> None:
        self._bucket = bucket
        self._clients = clients
        self._largest = largest

    @override
    def read(self, message_id: str) -> bytes:
        found = self._clients.get("s3").get_object(Bucket=self._bucket, Key=f"{PREFIX}{message_id}")
        with found["Body"] as body:
            if found["ContentLength"] > self._largest:
                raise ReplyUnreadable(f"The mail is larger than {self._largest} bytes.")
            raw: bytes = body.read()
        return raw

"""Low-level AWS clients, made when first asked for and kept; boto3's own layer is not loaded."""

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sqs import SQSClient

CONNECT_SECONDS = 1
READ_SECONDS = 3
ATTEMPTS = 3
POOL = 50
ONCE: Mapping[str, Config] = {
    # SendEmail cannot be made idempotent: a repeat after a lost answer is a second mail, so there
    # is more time for the answer, and whoever sends decides about a repeat.
    "sesv2": Config(read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"}),
}
"""What is different for clients of services that must not be asked twice unawares."""


class Clients:
    """The clients of one process; each service's client is made once and shared by threads.

    Endpoint, region and credentials come from the usual AWS environment: AWS_ENDPOINT_URL and so
    on, as they are when a client is made.
    """

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}
        # Making a client is the one thing of botocore that is not thread-safe.
        self._lock = threading.RLock()

    @cached_property
    def session(self) -> Session:
        """The session behind every client: time-outs of 1 s and 3 s, at most 3 attempts."""
        session = Session()
        session.set_default_client_config(
            Config(
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                max_pool_connections=POOL,
                retries={"total_max_attempts": ATTEMPTS, "mode": "standard"},
            )
        )
        return session

    @property
    def secrets(self) -> "SecretsManagerClient":
        """Secrets Manager."""
        client: SecretsManagerClient = self.get("secretsmanager")
        return client

    @property
    def sqs(self) -> "SQSClient":
        """SQS."""
        client: SQSClient = self.get("sqs")
        return client

    def get(self, service: str) -> Any:
        """Return the client of that service, by botocore's name for it."""
        with self._lock:
            if service not in self._made:
                self._made[service] = self.session.create_client(service, config=ONCE.get(service))
            return self._made[service]

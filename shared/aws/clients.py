"""Cached botocore clients, created on first use, without loading boto3."""

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
SERVICE_CONFIGS: Mapping[str, Config] = {
    # SendEmail is not idempotent: a retry after a lost response sends a second mail. So the client
    # waits longer for the response and leaves retries to the caller.
    "sesv2": Config(read_timeout=10, retries={"total_max_attempts": 1, "mode": "standard"}),
}
"""Settings of clients that must not retry by themselves."""


class Clients:
    """The clients of one process, one per service, shared by threads.

    Endpoint, region and credentials come from the usual AWS environment variables, such as
    AWS_ENDPOINT_URL, read when a client is created.
    """

    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        # Creating a client is not thread-safe in botocore; using one is.
        self._lock = threading.RLock()

    @cached_property
    def session(self) -> Session:
        """The botocore session of every client: time-outs of 1 s and 3 s, at most 3 attempts."""
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
        """The Secrets Manager client."""
        client: SecretsManagerClient = self.get("secretsmanager")
        return client

    @property
    def sqs(self) -> "SQSClient":
        """The SQS client."""
        client: SQSClient = self.get("sqs")
        return client

    def get(self, service: str) -> Any:
        """Return the client of a service, by its botocore name."""
        with self._lock:
            if service not in self._clients:
                config = SERVICE_CONFIGS.get(service)
                self._clients[service] = self.session.create_client(service, config=config)
            return self._clients[service]

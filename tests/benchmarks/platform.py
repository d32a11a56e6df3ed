"""The service in an AWS in memory (moto), for counting requests and measuring handlers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import boto3
from moto import mock_aws

from infra.local.aws import AUDIENCE, HS256_SECRET, HS256_SECRET_ID, ISSUER
from tests.support.aws import REGION, in_memory_resources
from tests.support.service import installed


@contextmanager
def in_memory_service(*, now: datetime) -> Iterator[None]:
    """Let the functions of this process run there at that time."""
    with mock_aws():
        environment = {
            **in_memory_resources(),
            "AUTH_ISSUER": ISSUER,
            "AUTH_AUDIENCE": AUDIENCE,
            "AUTH_HS256_SECRET_ID": HS256_SECRET_ID,
        }
        with installed(environment, now=now):
            boto3.client("secretsmanager", REGION).create_secret(
                Name=HS256_SECRET_ID, SecretString=HS256_SECRET
            )
            yield

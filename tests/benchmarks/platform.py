"""The functions over moto, an AWS in memory, to count requests and measure handlers."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from datetime import datetime

import boto3
from moto import mock_aws

from infra.local.aws import AUDIENCE, HS256_SECRET, HS256_SECRET_ID, ISSUER
from tests.support.aws import REGION, in_memory_resources
from tests.support.service import installed


@contextmanager
def in_memory_service(*, now: datetime) -> Iterator[None]:
    """Run the functions of this process there, at the time `now`, without printing metrics."""
    with mock_aws(), redirect_stdout(io.StringIO()):
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

"""Creates the stack's resources in a local AWS."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import boto3

from infra.queues import (
    SYNC_MAX_RECEIVES,
    SYNC_VISIBILITY,
    WEBHOOK_MAX_RECEIVES,
    WEBHOOK_VISIBILITY,
)
from infra.tables import TABLES, TableSpec, create_request

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

REGION = "eu-central-1"
BUS = "calendar-service"
SEEN_QUEUE = "LOCAL_SEEN_EVENTS_QUEUE_URL"
"""The variable with the URL of the queue that receives every event on the bus."""

ISSUER = "local"
AUDIENCE = "calendar-service"
HS256_SECRET: Final = "local-development-secret-not-for-production"  # noqa: S105 - public on purpose, valid for local runs only
HS256_SECRET_ID: Final = "calendar-service/auth"  # noqa: S105 - the name of a secret


def create_resources(endpoint: str, *, account: str) -> dict[str, str]:
    """Create tables, key, secret and queues; return the environment variables of the functions.

    `account` has twelve digits; accounts of one endpoint do not share resources. The variables are
    every required setting of `shared.settings`, those of AWS clients and those of Powertools.
    """
    client = client_environment(endpoint, account=account)
    return {
        **_settings(open_session(client), endpoint),
        **client,
        "POWERTOOLS_SERVICE_NAME": "calendar-service",
        "POWERTOOLS_METRICS_NAMESPACE": "CalendarService",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_LOG_LEVEL": "INFO",
    }


def create_secrets(environment: Mapping[str, str], secrets: Mapping[str, str]) -> None:
    """Create text secrets, by name, in the AWS that `environment` points to."""
    client = open_session(environment).client(
        "secretsmanager", endpoint_url=environment["AWS_ENDPOINT_URL"]
    )
    for name, value in secrets.items():
        client.create_secret(Name=name, SecretString=value)


def open_session(environment: Mapping[str, str]) -> boto3.Session:
    """Return a session with the keys and region in `environment`, not those of this process."""
    return boto3.Session(
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name=environment["AWS_DEFAULT_REGION"],
    )


def client_environment(endpoint: str, *, account: str) -> dict[str, str]:
    """Return the variables that point every AWS client to `endpoint`."""
    return {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def _settings(session: boto3.Session, endpoint: str) -> dict[str, str]:
    return {
        "STAGE": "local",
        **{table.setting: _table(session, endpoint, table) for table in TABLES},
        "TOKEN_KEY_ID": _key(session, endpoint),
        "SYNC_QUEUE_URL": _sync_queue(session, endpoint),
        "WEBHOOK_QUEUE_URL": _webhook_queue(session, endpoint),
        **_event_bus(session, endpoint),
        "AUTH_ISSUER": ISSUER,
        "AUTH_AUDIENCE": AUDIENCE,
        "AUTH_HS256_SECRET_ID": _secret(session, endpoint),
    }


def _table(session: boto3.Session, endpoint: str, table: TableSpec) -> str:
    dynamodb = session.client("dynamodb", endpoint_url=endpoint)
    name = f"calendar-service-{table.setting.removesuffix('_TABLE').lower()}"
    dynamodb.create_table(**create_request(table, name))
    dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    # Time to live stays off. It follows the real clock, so with the service's clock set to the past
    # it would delete rows that are still valid. The service itself checks when rows expire.
    return name


def _key(session: boto3.Session, endpoint: str) -> str:
    kms = session.client("kms", endpoint_url=endpoint)
    return kms.create_key(Description="Calendar credentials")["KeyMetadata"]["Arn"]


def _secret(session: boto3.Session, endpoint: str) -> str:
    secrets = session.client("secretsmanager", endpoint_url=endpoint)
    secrets.create_secret(Name=HS256_SECRET_ID, SecretString=HS256_SECRET)
    return HS256_SECRET_ID


def _sync_queue(session: boto3.Session, endpoint: str) -> str:
    return _queue(
        session.client("sqs", endpoint_url=endpoint),
        "calendar-service-sync",
        max_receives=SYNC_MAX_RECEIVES,
        visibility=SYNC_VISIBILITY,
        fifo=True,
    )


def _webhook_queue(session: boto3.Session, endpoint: str) -> str:
    return _queue(
        session.client("sqs", endpoint_url=endpoint),
        "calendar-service-webhooks",
        max_receives=WEBHOOK_MAX_RECEIVES,
        visibility=WEBHOOK_VISIBILITY,
        fifo=False,
    )


def _event_bus(session: boto3.Session, endpoint: str) -> dict[str, str]:
    """Create the bus, a queue that receives everything on it, and the queue of dead records."""
    sqs = session.client("sqs", endpoint_url=endpoint)
    events = session.client("events", endpoint_url=endpoint)
    dead, seen = (
        sqs.create_queue(QueueName=f"{BUS}-{each}")["QueueUrl"] for each in ("publish-dead", "seen")
    )
    arn = sqs.get_queue_attributes(QueueUrl=seen, AttributeNames=["QueueArn"])["Attributes"]
    events.create_event_bus(Name=BUS)
    pattern = json.dumps({"source": [BUS]})
    events.put_rule(Name="seen", EventBusName=BUS, EventPattern=pattern)
    target = {"Id": "seen", "Arn": arn["QueueArn"]}
    events.put_targets(Rule="seen", EventBusName=BUS, Targets=[target])
    return {"EVENT_BUS_NAME": BUS, "DEAD_RECORDS_QUEUE_URL": dead, SEEN_QUEUE: seen}


def _queue(
    sqs: "SQSClient", name: str, *, max_receives: int, visibility: timedelta, fifo: bool
) -> str:
    suffix = ".fifo" if fifo else ""
    kind: dict[Any, str] = {"FifoQueue": "true"} if fifo else {}
    dead = sqs.create_queue(QueueName=f"{name}-dead{suffix}", Attributes=kind)["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]
    redrive = {"deadLetterTargetArn": dead_arn["QueueArn"], "maxReceiveCount": max_receives}
    return sqs.create_queue(
        QueueName=f"{name}{suffix}",
        Attributes={
            **kind,
            "VisibilityTimeout": f"{visibility.total_seconds():.0f}",
            "RedrivePolicy": json.dumps(redrive),
        },
    )["QueueUrl"]

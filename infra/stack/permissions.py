"""Translates a function's grants into statements of its role's policy."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aws_cdk import Stack
from aws_cdk import aws_dynamodb as dynamodb
from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam

from infra.grants import INDEX_PARTITIONS, READ_ACTIONS, Action, Grants
from infra.stack.keys import KmsKeys
from infra.stack.mail import Mail
from infra.stack.queues import Queues
from infra.stack.replies import ReceivedReplies
from infra.stack.secrets import Secrets
from infra.stack.tables import DynamoDbTables
from shared.aws.bus import SOURCE
from shared.aws.encryption import CONTEXT_KEYS
from shared.aws.incoming import PREFIX
from shared.domain.webhook import SECRETS_OWNER


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantedResources:
    """The resources that grants refer to."""

    stack: Stack
    keys: KmsKeys
    tables: DynamoDbTables
    queues: Queues
    secrets: Secrets
    mail: Mail
    replies: ReceivedReplies | None
    bus: events.EventBus


def statements(grants: Grants, on: GrantedResources) -> list[iam.PolicyStatement]:
    """Return the policy statements that allow exactly these grants."""
    return [
        *_rows(grants, on),
        *_credentials(grants, on),
        *_secrets(grants, on),
        *_queue(grants, on),
        *_streams(grants, on),
        *_publishing(grants, on),
        *_mail(grants, on),
        *_replies(grants, on),
        *_data_key(grants, on),
    ]


def _rows(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    tables: tuple[tuple[frozenset[Action], dynamodb.Table], ...] = (
        (grants.connections, on.tables.connections),
        (grants.events, on.tables.events),
    )
    for actions, table in tables:
        if actions:
            yield _allow((f"dynamodb:{each}" for each in sorted(actions)), table.table_arn)
    for index in grants.indexes:
        yield _allow(
            ["dynamodb:Query"],
            on.tables.index_arn(index),
            conditions=_partitions(INDEX_PARTITIONS.get(index, ())),
        )


def _partitions(keys: tuple[str, ...]) -> dict[str, dict[str, object]]:
    if not keys:
        return {}
    return {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": list(keys)}}


def _credentials(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    key = on.keys.credentials.key_arn
    if grants.credentials:
        yield _allow(_SEALING, key, conditions=_CONTEXT)
    if grants.webhook_secrets:
        owner: dict[str, dict[str, object]] = {
            "StringEquals": {"kms:EncryptionContext:user_id": SECRETS_OWNER}
        }
        yield _allow(_SEALING, key, conditions={**_CONTEXT, **owner})


_SEALING = ("kms:Decrypt", "kms:GenerateDataKey")
_CONTEXT: dict[str, dict[str, object]] = {
    # Both context keys are required, and no others are allowed.
    "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": sorted(CONTEXT_KEYS)},
    "Null": {f"kms:EncryptionContext:{key}": "false" for key in sorted(CONTEXT_KEYS)},
}


def _secrets(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    secrets = [
        *(on.secrets.clients.values() if grants.credentials else ()),
        *([on.secrets.hs256] if grants.bearer_tokens and on.secrets.hs256 else ()),
        *([on.secrets.origin] if grants.serves_http and on.secrets.origin else ()),
    ]
    if secrets:
        yield _allow(["secretsmanager:GetSecretValue"], *(each.secret_arn for each in secrets))


def _queue(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    if grants.sends_to_queue:
        yield _allow(["sqs:SendMessage"], on.queues.sync.queue_arn)
    if grants.receives_from_queue:
        actions = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes")
        yield _allow(
            [*(f"sqs:{each}" for each in actions), "sqs:ReceiveMessage"], on.queues.sync.queue_arn
        )
    if grants.sends_webhooks:
        yield _allow(["sqs:SendMessage"], on.queues.webhooks.queue_arn)
    if grants.receives_webhooks:
        actions = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes")
        yield _allow(
            [*(f"sqs:{each}" for each in actions), "sqs:ReceiveMessage"],
            on.queues.webhooks.queue_arn,
        )


def _publishing(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    if grants.publishes_events:
        yield _allow(
            ["events:PutEvents"],
            on.bus.event_bus_arn,
            conditions={"StringEquals": {"events:source": SOURCE}},
        )
        yield _allow(["sqs:SendMessage"], on.queues.publish_dead.queue_arn)


def _streams(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    has_events = grants.reads_stream or grants.publishes_events
    tables = (
        *((on.tables.events,) if has_events else ()),
        *((on.tables.connections,) if grants.publishes_events else ()),
    )
    streams = [each.table_stream_arn for each in tables if each.table_stream_arn]
    if streams:
        actions = ("DescribeStream", "GetRecords", "GetShardIterator")
        yield _allow((f"dynamodb:{each}" for each in actions), *streams)
        # ListStreams does not support resource-level permissions.
        yield _allow(["dynamodb:ListStreams"], "*")


def _mail(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    if grants.sends_mail:
        yield _allow(
            ["ses:SendEmail", "ses:SendRawEmail"],
            on.stack.format_arn(
                service="ses", resource="identity", resource_name=on.mail.sender.domain
            ),
            on.stack.format_arn(
                service="ses",
                resource="configuration-set",
                resource_name=on.mail.configuration_set.configuration_set_name,
            ),
            conditions={"StringEquals": {"ses:FromAddress": on.mail.sender.address}},
        )
    if grants.confirms_subscription:
        yield _allow(["sns:ConfirmSubscription"], on.mail.topic.topic_arn)


def _replies(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    if grants.reads_replies and on.replies:
        yield _allow(["s3:GetObject"], on.replies.bucket.arn_for_objects(f"{PREFIX}*"))


def _data_key(grants: Grants, on: GrantedResources) -> Iterator[iam.PolicyStatement]:
    """The data key, which DynamoDB and Secrets Manager use on behalf of the caller."""
    actions = grants.connections | grants.events
    reads_stream = grants.reads_stream or grants.publishes_events
    services = [
        *(["dynamodb"] if actions or grants.indexes or reads_stream else ()),
        *(["secretsmanager"] if any(True for _ in _secrets(grants, on)) else ()),
    ]
    if not services:
        return
    writes = bool(actions - READ_ACTIONS)
    yield _allow(
        [*_KEY_READ_ACTIONS, *(_KEY_WRITE_ACTIONS if writes else ())],
        on.keys.data.key_arn,
        conditions={
            "StringEquals": {
                "kms:ViaService": [f"{each}.{on.stack.region}.amazonaws.com" for each in services]
            }
        },
    )


_KEY_READ_ACTIONS = ("kms:Decrypt", "kms:DescribeKey")
_KEY_WRITE_ACTIONS = ("kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo")


def _allow(
    actions: Iterable[str],
    *resources: str,
    conditions: dict[str, dict[str, object]] | None = None,
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        actions=list(actions), resources=list(resources), conditions=conditions or None
    )

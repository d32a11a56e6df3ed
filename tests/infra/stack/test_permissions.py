from typing import Any

import pytest

from infra.functions import FUNCTIONS
from infra.grants import INDEX_PARTITIONS
from tests.support.synthesis import CONTEXTS, Synthesis
from tests.support.template import Statement, Template, attribute, listed, texts

pytestmark = pytest.mark.long

functions = pytest.mark.parametrize("name", FUNCTIONS)

WILDCARDS = {
    ("xray:PutTelemetryRecords", "*"): "no resource-level permissions",
    ("xray:PutTraceSegments", "*"): "no resource-level permissions",
    ("dynamodb:ListStreams", "*"): "no resource-level permissions; stream mappings require it",
    ("s3:GetObject", "?/replies/*"): "SES chooses the id of a received mail",
}
"""Every allowed wildcard, as action and resource, with the reason."""

OTHER_ACTIONS = {
    # What a function may do apart from rows, logs and traces.
    "status": set(),
    "console": set(),
    "slots": {"kms:Decrypt", "kms:GenerateDataKey", "secretsmanager:GetSecretValue"},
    "legacy": {"kms:Decrypt", "kms:GenerateDataKey", "secretsmanager:GetSecretValue"},
    "events": {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    },
    "invites": set(),
    "availability": {"sqs:SendMessage"},
    "holidays": {"sqs:SendMessage"},
    "users": set(),
    "changes": set(),
    "webhooks": {"kms:Decrypt", "kms:GenerateDataKey", "sqs:SendMessage"},
    "webhooks_delivery": {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    },
    "connections": {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    },
    "ses_notifications": {"sns:ConfirmSubscription", "sqs:SendMessage"},
    "rsvp": {"s3:GetObject", "sqs:SendMessage"},
    "calendar_sync": {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "secretsmanager:GetSecretValue",
        "ses:SendEmail",
        "ses:SendRawEmail",
        "sqs:ChangeMessageVisibility",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
        "sqs:ReceiveMessage",
    },
    "relay": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    },
    "publish": {
        "dynamodb:DescribeStream",
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
        "events:PutEvents",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:SendMessage",
    },
    "token_refresh": {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
    },
    "sweeper": {"sqs:SendMessage"},
}


@functions
def test_a_function_has_its_own_role_without_managed_policies(
    name: str, production: Template
) -> None:
    role = production.function(name)[1]["Role"]["Fn::GetAtt"][0]
    roles = [
        each["Properties"]["Role"]["Fn::GetAtt"][0]
        for each in production.all("AWS::Lambda::Function").values()
    ]

    assert 1 == roles.count(role)
    assert [] == [
        name
        for name, each in production.all("AWS::IAM::Role").items()
        if "ManagedPolicyArns" in each["Properties"] or "Policies" in each["Properties"]
    ]


@functions
def test_a_function_may_perform_the_table_actions_of_its_grants(
    name: str, production: Template
) -> None:
    grants = FUNCTIONS[name].grants
    for prefix, expected in (("Connections", grants.connections), ("Events", grants.events)):
        table, _ = production.one("AWS::DynamoDB::Table", f"Tables{prefix}")

        actions = production.actions_on(name, attribute(table))

        assert {f"dynamodb:{each}" for each in expected} == actions


@functions
def test_a_function_may_query_only_the_indexes_of_its_grants(
    name: str, production: Template
) -> None:
    queried = {
        index: statement
        for statement in production.statements(name)
        for index in (text.partition("?/index/")[2] for text in texts(statement["Resource"]))
        if index
    }

    assert set(FUNCTIONS[name].grants.indexes) == set(queried)
    for index, statement in queried.items():
        assert ["dynamodb:Query"] == statement["Action"]
        assert list(INDEX_PARTITIONS.get(index, ())) == statement.get("Condition", {}).get(
            "ForAllValues:StringEquals", {}
        ).get("dynamodb:LeadingKeys", [])


@functions
def test_a_function_has_no_other_permissions(name: str, production: Template) -> None:
    data_key, _ = production.one("AWS::KMS::Key", "KeysData")
    tables = [attribute(table) for table in production.all("AWS::DynamoDB::Table")]
    others = {
        action
        for statement in production.statements(name)
        for action in statement["Action"]
        if statement["Resource"] not in ([attribute(data_key)], *([each] for each in tables))
        and not any("/index/" in text for text in texts(statement["Resource"]))
        and not action.startswith(("logs:", "xray:"))
    }

    assert OTHER_ACTIONS[name] == others


def test_every_wildcard_has_a_reason(synthesis: Synthesis) -> None:
    wildcards = {
        (action, text)
        for stage in CONTEXTS
        for _, statement in _allowed(synthesis.template(stage))
        for action in statement["Action"]
        for text in ("".join(texts(each)) for each in statement["Resource"])
        if "*" in action or "*" in text
    }

    assert set(WILDCARDS) == wildcards


def test_keys_may_be_used_by_the_account_and_by_publishing_services(
    production: Template,
) -> None:
    grants = {
        (principal, tuple(statement["Action"]))
        for key in production.all("AWS::KMS::Key")
        for statement in production.policy(key)
        for principal in listed(statement["Principal"].get("Service", "the account"))
    }

    publishing = ("kms:Decrypt", "kms:GenerateDataKey*")
    assert {
        ("ses.amazonaws.com", publishing),
        ("cloudwatch.amazonaws.com", publishing),
    } == {each for each in grants if each[0] != "the account"}


@functions
def test_credentials_are_decrypted_only_with_user_and_connection_as_context(
    name: str, production: Template
) -> None:
    key, _ = production.one("AWS::KMS::Key", "KeysCredentials")
    using = [each for each in production.statements(name) if attribute(key) in each["Resource"]]

    grants = FUNCTIONS[name].grants
    owner = {"StringEquals": {"kms:EncryptionContext:user_id": "#webhooks"}}
    only_webhooks = owner if grants.webhook_secrets else {}
    assert (grants.credentials or grants.webhook_secrets) is bool(using)
    for statement in using:
        assert {
            "ForAllValues:StringEquals": {
                "kms:EncryptionContextKeys": ["connection_id", "user_id"]
            },
            "Null": {
                "kms:EncryptionContext:connection_id": "false",
                "kms:EncryptionContext:user_id": "false",
            },
            **only_webhooks,
        } == statement["Condition"]


@functions
def test_the_data_key_is_used_only_through_services(name: str, production: Template) -> None:
    key, _ = production.one("AWS::KMS::Key", "KeysData")
    through = [
        service
        for statement in production.statements(name)
        if attribute(key) in statement["Resource"]
        for service in texts(statement["Condition"]["StringEquals"]["kms:ViaService"])
    ]

    assert set(through) <= {"dynamodb.?.amazonaws.com", "secretsmanager.?.amazonaws.com"}
    reads_secrets = "secretsmanager.?.amazonaws.com" in through
    assert ("secretsmanager:GetSecretValue" in OTHER_ACTIONS[name]) is reads_secrets


def test_only_functions_that_take_tokens_may_read_the_hs256_secret(dev: Template) -> None:
    secret, _ = dev.one("AWS::SecretsManager::Secret", "SecretsHs256")

    reading = {
        name
        for name in FUNCTIONS
        if not FUNCTIONS[name].needs
        and "secretsmanager:GetSecretValue" in dev.actions_on(name, {"Ref": secret})
    }

    assert {name for name in FUNCTIONS if FUNCTIONS[name].grants.bearer_tokens} == reading


def test_mail_may_be_sent_only_as_the_sender_with_the_configuration_set(
    production: Template,
) -> None:
    sending = [
        (name, each)
        for name in FUNCTIONS
        for each in production.statements(name)
        if "ses:SendEmail" in each["Action"]
    ]

    assert ["calendar_sync"] == [name for name, _ in sending]
    statement = sending[0][1]
    assert {"StringEquals": {"ses:FromAddress": "sessions@mail.example.com"}} == statement[
        "Condition"
    ]
    assert {
        "arn:?:ses:?:?:configuration-set/?",
        "arn:?:ses:?:?:identity/mail.example.com",
    } == set(texts(statement["Resource"]))


def test_only_the_scheduler_of_this_account_assumes_the_roles_of_schedules(
    production: Template,
) -> None:
    roles = [
        (name, each["Properties"])
        for name, each in production.all("AWS::IAM::Role").items()
        if name.startswith("Sources")
    ]

    assert 2 == len(roles)
    for _, role in roles:
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert {"Service": "scheduler.amazonaws.com"} == trust["Principal"]
        assert {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}} == trust[
            "Condition"
        ]


def _allowed(template: Template) -> list[tuple[str, Statement]]:
    kinds = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
    statements: list[tuple[str, Any]] = [
        (name, statement)
        for kind in kinds
        for name in template.all(kind)
        for statement in template.policy(name)
        if statement["Effect"] == "Allow"
    ]
    return statements

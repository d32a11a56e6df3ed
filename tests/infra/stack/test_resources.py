import re

import pytest

from infra.queues import SYNC_MAX_RECEIVES, SYNC_VISIBILITY
from infra.tables import TABLES, TTL_ATTRIBUTE, TableSpec, create_request
from tests.support.synthesis import CONTEXTS, Synthesis
from tests.support.template import Template, attribute

pytestmark = pytest.mark.long

stages = pytest.mark.parametrize("stage", CONTEXTS)
DATA_KEY = "KeysData"


@pytest.mark.parametrize("table", TABLES, ids=lambda each: each.setting)
def test_a_table_matches_its_record_and_has_point_in_time_recovery(
    table: TableSpec, production: Template
) -> None:
    _, made = production.one("AWS::DynamoDB::Table", f"Tables{table.setting.split('_')[0].title()}")
    request = create_request(table, "any")

    assert "PAY_PER_REQUEST" == made["BillingMode"]
    assert request["KeySchema"] == made["KeySchema"]
    assert request["GlobalSecondaryIndexes"] == made["GlobalSecondaryIndexes"]
    assert sorted(request["AttributeDefinitions"], key=str) == sorted(
        made["AttributeDefinitions"], key=str
    )
    assert {"StreamViewType": "NEW_AND_OLD_IMAGES"} == made["StreamSpecification"]
    assert {"PointInTimeRecoveryEnabled": True} == made["PointInTimeRecoverySpecification"]
    assert {"AttributeName": TTL_ATTRIBUTE, "Enabled": True} == made["TimeToLiveSpecification"]


def test_tables_secrets_and_topics_are_encrypted_with_the_data_key(
    production: Template,
) -> None:
    key, _ = production.one("AWS::KMS::Key", DATA_KEY)

    keys = [
        *(
            each["Properties"]["SSESpecification"]["KMSMasterKeyId"]
            for each in production.all("AWS::DynamoDB::Table").values()
        ),
        *(
            each["Properties"]["KmsKeyId"]
            for each in production.all("AWS::SecretsManager::Secret").values()
        ),
        *(
            each["Properties"]["KmsMasterKeyId"]
            for each in production.all("AWS::SNS::Topic").values()
        ),
    ]
    assert 5 <= len(keys)
    assert [attribute(key)] * len(keys) == keys


def test_keys_are_rotated_every_year(production: Template) -> None:
    rotations = {
        name: each["Properties"]["EnableKeyRotation"]
        for name, each in production.all("AWS::KMS::Key").items()
    }

    assert [True, True] == list(rotations.values())


def test_credentials_have_their_own_key(production: Template) -> None:
    key, _ = production.one("AWS::KMS::Key", "KeysCredentials")

    variables = production.function("slots")[1]["Environment"]["Variables"]
    assert attribute(key) == variables["TOKEN_KEY_ID"]
    assert 1 == len(production.policy(key)), "only the account's IAM policies grant its use"


@stages
def test_every_queue_is_encrypted_and_accepts_only_tls(stage: str, synthesis: Synthesis) -> None:
    template = synthesis.template(stage)
    queues = template.all("AWS::SQS::Queue")
    tls_only = {
        queue["Ref"]
        for name, policy in template.all("AWS::SQS::QueuePolicy").items()
        for queue in policy["Properties"]["Queues"]
        for statement in template.policy(name)
        if statement["Effect"] == "Deny"
        and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    }

    assert set(queues) == tls_only
    assert {True} == {each["Properties"]["SqsManagedSseEnabled"] for each in queues.values()}


def test_a_sync_message_is_retried_and_then_stored_for_two_weeks(production: Template) -> None:
    dead, dead_letters = production.one("AWS::SQS::Queue", "QueuesSyncDead")
    sync = next(
        each["Properties"]
        for name, each in production.all("AWS::SQS::Queue").items()
        if name.startswith("QueuesSync") and name != dead
    )

    assert (True, True) == (sync["FifoQueue"], dead_letters["FifoQueue"])
    assert SYNC_VISIBILITY.total_seconds() == sync["VisibilityTimeout"]
    assert {
        "deadLetterTargetArn": attribute(dead),
        "maxReceiveCount": SYNC_MAX_RECEIVES,
    } == sync["RedrivePolicy"]
    assert 14 * 24 * 3600 == dead_letters["MessageRetentionPeriod"]


def test_production_data_survives_deletion_of_the_stack(production: Template) -> None:
    storage = ("AWS::DynamoDB::Table", "AWS::KMS::Key", "AWS::Logs::LogGroup")
    kinds = (*storage, "AWS::SecretsManager::Secret")
    policies = {
        (each["DeletionPolicy"], each["UpdateReplacePolicy"])
        for kind in kinds
        for each in production.all(kind).values()
    }

    assert {("Retain", "Retain")} == policies
    assert {True} == {
        each["Properties"]["DeletionProtectionEnabled"]
        for each in production.all("AWS::DynamoDB::Table").values()
    }


def test_deleting_a_dev_stack_deletes_everything(dev: Template) -> None:
    retained = [
        name
        for name, each in dev.content["Resources"].items()
        if each.get("DeletionPolicy") == "Retain"
        or each["Properties"].get("DeletionProtectionEnabled")
    ]

    assert [] == retained


def test_only_production_has_termination_protection(synthesis: Synthesis) -> None:
    protected = [
        stage
        for stage in CONTEXTS
        if '"terminationProtection": true'
        in (synthesis.folder / stage / "manifest.json").read_text()
    ]

    assert ["production"] == protected


@stages
def test_no_template_contains_an_account_number(stage: str, synthesis: Synthesis) -> None:
    certificate = CONTEXTS[stage].get("certificate_arn", "none")
    text = synthesis.template(stage).text.replace(certificate, "")

    assert [] == re.findall(r"(?<![0-9a-f])[0-9]{12}(?![0-9a-f])", text)


def test_the_stack_has_a_secret_for_each_configured_client(
    production: Template, dev: Template
) -> None:
    assert ["SecretsGoogleClient", "SecretsMicrosoftClient"] == _secrets(production)
    assert ["SecretsHs256"] == _secrets(dev)


def test_no_template_contains_the_value_of_a_secret(production: Template) -> None:
    values = [
        each["Properties"].keys() & {"SecretString", "SecretStringValue"}
        for each in production.all("AWS::SecretsManager::Secret").values()
    ]

    assert [set()] * len(values) == values


def _secrets(template: Template) -> list[str]:
    return sorted(
        re.sub("[0-9A-F]{8}$", "", name) for name in template.all("AWS::SecretsManager::Secret")
    )

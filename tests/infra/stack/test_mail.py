import pytest

from tests.support.synthesis import Synthesis
from tests.support.template import Template, attribute, listed

pytestmark = pytest.mark.long


def test_mail_requires_tls_and_records_the_sender_reputation(
    production: Template,
) -> None:
    _, configuration = production.one("AWS::SES::ConfigurationSet")

    assert {"TlsPolicy": "REQUIRE"} == configuration["DeliveryOptions"]
    assert {"ReputationMetricsEnabled": True} == configuration["ReputationOptions"]
    assert ["BOUNCE", "COMPLAINT"] == configuration["SuppressionOptions"]["SuppressedReasons"]


def test_the_senders_domain_is_an_identity_with_the_configuration_set(
    production: Template,
) -> None:
    configuration, _ = production.one("AWS::SES::ConfigurationSet")
    _, identity = production.one("AWS::SES::EmailIdentity")

    assert "mail.example.com" == identity["EmailIdentity"]
    assert {"ConfigurationSetName": {"Ref": configuration}} == identity[
        "ConfigurationSetAttributes"
    ]


def test_ses_publishes_every_delivery_event_to_the_topic(production: Template) -> None:
    topic, made = production.one("AWS::SNS::Topic", "MailFates")
    _, destination = production.one("AWS::SES::ConfigurationSetEventDestination")

    publishing = destination["EventDestination"]
    assert "2" == made["SignatureVersion"]
    assert {"TopicARN": {"Ref": topic}} == publishing["SnsDestination"]
    assert {
        "send",
        "reject",
        "bounce",
        "complaint",
        "delivery",
        "deliveryDelay",
        "renderingFailure",
    } == set(publishing["MatchingEventTypes"])


def test_only_this_configuration_set_may_publish_to_the_topic(production: Template) -> None:
    name, _ = production.one("AWS::SNS::TopicPolicy", "MailFates")
    configuration, _ = production.one("AWS::SES::ConfigurationSet")
    allowed = [each for each in production.policy(name) if each["Effect"] == "Allow"]

    assert [{"Service": "ses.amazonaws.com"}] == [each["Principal"] for each in allowed]
    source = allowed[0]["Condition"]["StringEquals"]["AWS:SourceArn"]["Fn::Join"][1]
    assert [":configuration-set/", {"Ref": configuration}] == source[-2:]


def test_ses_may_use_the_key_that_encrypts_the_topic(production: Template) -> None:
    key, _ = production.one("AWS::KMS::Key", "KeysData")
    allowed = [
        each["Action"]
        for each in production.policy(key)
        if "ses.amazonaws.com" in listed(each["Principal"].get("Service"))
    ]

    assert [["kms:Decrypt", "kms:GenerateDataKey*"]] == allowed


def test_sns_invokes_the_function_and_failures_go_to_its_dead_letter_queue(
    production: Template,
) -> None:
    function, made = production.function("ses_notifications")
    topic, _ = production.one("AWS::SNS::Topic", "MailFates")
    dead, _ = production.one("AWS::SQS::Queue", "QueuesNotificationsDead")
    _, subscription = production.one("AWS::SNS::Subscription", "sesnotifications")

    assert ("lambda", attribute(function), {"Ref": topic}) == (
        subscription["Protocol"],
        subscription["Endpoint"],
        subscription["TopicArn"],
    )
    assert {"deadLetterTargetArn": attribute(dead)} == subscription["RedrivePolicy"]
    assert {"TargetArn": attribute(dead)} == made["DeadLetterConfig"]
    assert {"Ref": topic} == made["Environment"]["Variables"]["SES_TOPIC_ARNS"]


def test_the_local_stage_verifies_no_domain(synthesis: Synthesis) -> None:
    local = synthesis.template("local")

    assert {} == local.all("AWS::SES::EmailIdentity")

"""Everything that AWS delivers by itself is allowed by every policy on its way."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.deliveries import Delivery, deliveries, open_to_other_accounts, refused
from tests.support.policies import ACCOUNT, logical_id, resolved
from tests.support.synthesis import CONTEXTS, EDGE, WARM, Synthesis
from tests.support.template import Statement, Template, listed

pytestmark = pytest.mark.long

stages = pytest.mark.parametrize("stage", [*CONTEXTS, EDGE, WARM])

TARGETS = ("AWS::SNS::Topic", "AWS::SQS::Queue")
FOLLOWED = {
    "AWS::CloudWatch::Alarm",
    "AWS::Lambda::EventInvokeConfig",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::SES::ConfigurationSetEventDestination",
    "AWS::SNS::Subscription",
    "AWS::Scheduler::Schedule",
}
NO_DELIVERY = {
    "AWS::CloudWatch::Dashboard": "shows the queues' metrics",
    "AWS::IAM::Policy": "is a policy",
    "AWS::Lambda::Permission": "is a policy",
    "AWS::SNS::TopicPolicy": "is a policy",
    "AWS::SQS::Queue": "SQS needs no permission to move messages to a dead-letter queue",
    "AWS::SQS::QueuePolicy": "is a policy",
}


@stages
def test_every_delivery_is_allowed_by_its_target_and_by_the_targets_key(
    stage: str, synthesis: Synthesis
) -> None:
    assert refused(synthesis.template(stage)) == []


@stages
def test_no_delivery_is_allowed_for_resources_of_other_accounts(
    stage: str, synthesis: Synthesis
) -> None:
    assert open_to_other_accounts(synthesis.template(stage)) == []


@stages
def test_every_resource_that_names_a_topic_or_queue_is_followed(
    stage: str, synthesis: Synthesis
) -> None:
    template = synthesis.template(stage)
    targets = [name for kind in TARGETS for name in template.all(kind)]

    naming = {
        each["Type"]
        for each in template.content["Resources"].values()
        if any(f'"{name}"' in json.dumps(each) for name in targets)
    }

    assert naming <= FOLLOWED | NO_DELIVERY.keys()


def test_these_deliveries_are_followed(production: Template) -> None:
    resources = resolved(production)

    followed = {
        (resources[each.source]["Type"].split("::")[2], each.service, _kind(each))
        for each in deliveries(resources)
    }

    assert followed == {
        ("Alarm", "cloudwatch.amazonaws.com", "sns"),
        ("ConfigurationSetEventDestination", "ses.amazonaws.com", "sns"),
        ("Subscription", "sns.amazonaws.com", "lambda"),
        ("Subscription", "sns.amazonaws.com", "sqs"),
        ("Schedule", "scheduler.amazonaws.com", "iam"),
        ("Schedule", "", "lambda"),
        ("Schedule", "", "sqs"),
        ("Function", "", "sqs"),
        ("EventSourceMapping", "", "sqs"),
        ("EventSourceMapping", "", "dynamodb"),
    }


def test_every_alarm_and_every_dead_letter_queue_is_part_of_a_delivery(
    production: Template,
) -> None:
    resources = resolved(production)
    followed = list(deliveries(resources))
    moved = {
        logical_id(each["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
        for each in resources.values()
        if each["Type"] == "AWS::SQS::Queue" and "RedrivePolicy" in each["Properties"]
    }

    sources = {each.source for each in followed}
    targets = {logical_id(each.target) for each in followed} | moved
    assert set(production.all("AWS::CloudWatch::Alarm")) <= sources
    assert {name for kind in TARGETS for name in production.all(kind)} <= targets


def test_every_queue_without_a_key_of_the_account_is_encrypted_by_sqs(production: Template) -> None:
    settings = ("KmsMasterKeyId", "SqsManagedSseEnabled")

    assert [
        name
        for name, each in production.all("AWS::SQS::Queue").items()
        if not any(each["Properties"].get(setting) for setting in settings)
    ] == []


def test_without_any_one_of_the_permissions_of_services_a_delivery_is_refused(
    production: Template,
) -> None:
    reduced = list(_without_each_service(production))

    assert {what.partition(" ")[0] for what, _ in reduced} == {
        "cloudwatch.amazonaws.com",
        "scheduler.amazonaws.com",
        "ses.amazonaws.com",
        "sns.amazonaws.com",
    }
    assert [what for what, template in reduced if not refused(template)] == []


def test_a_function_that_its_topic_may_not_invoke_is_found(production: Template) -> None:
    content = copy.deepcopy(production.content)
    (permission,) = [
        name
        for name, each in production.all("AWS::Lambda::Permission").items()
        if each["Properties"]["Principal"] == "sns.amazonaws.com"
    ]
    del content["Resources"][permission]

    assert [each.rpartition(" ")[2] for each in refused(Template(json.dumps(content)))] == [
        "lambda:InvokeFunction"
    ]


def test_without_the_condition_on_the_source_a_permission_is_open_to_other_accounts(
    production: Template,
) -> None:
    content = copy.deepcopy(production.content)
    key, _ = production.one("AWS::KMS::Key", "KeysData")
    for each in content["Resources"][key]["Properties"]["KeyPolicy"]["Statement"]:
        if "Service" in each["Principal"]:
            del each["Condition"]

    assert open_to_other_accounts(Template(json.dumps(content))) != []


def _kind(delivery: Delivery) -> str:
    assert ACCOUNT in delivery.target
    return delivery.target.split(":")[2]


def _without_each_service(template: Template) -> Iterator[tuple[str, Template]]:
    """Yield the template without one service in one policy of a topic, queue, key or role."""
    for name in template.content["Resources"]:
        for number, statement in enumerate(_statements(template.content, name)):
            for service in _services(statement):
                content = copy.deepcopy(template.content)
                _statements(content, name)[number]["Principal"]["Service"] = [
                    each for each in _services(statement) if each != service
                ]
                yield f"{service} in {name}", Template(json.dumps(content))


def _statements(content: dict[str, Any], name: str) -> list[Statement]:
    properties = content["Resources"][name]["Properties"]
    match content["Resources"][name]["Type"]:
        case "AWS::SNS::TopicPolicy" | "AWS::SQS::QueuePolicy":
            document = properties["PolicyDocument"]
        case "AWS::KMS::Key":
            document = properties["KeyPolicy"]
        case "AWS::IAM::Role":
            document = properties["AssumeRolePolicyDocument"]
        case _:
            return []
    statements: list[Statement] = document["Statement"]
    return statements


def _services(statement: Statement) -> list[str]:
    """Return the services that a statement names, without Lambda, which assumes its own roles."""
    principal = statement["Principal"]
    services = listed(principal.get("Service", [])) if isinstance(principal, dict) else []
    return [each for each in services if each != "lambda.amazonaws.com"]

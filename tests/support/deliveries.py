"""Follows everything that AWS delivers by itself in a template, through the policies on the way."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.policies import (
    ACCOUNT,
    REGION,
    ROOT,
    PolicyRequest,
    allows,
    denies,
    logical_id,
    resolved,
    resource_statements,
    role_statements,
)
from tests.support.template import Resource, Template, listed

_SEND = {"sns": ("sns:Publish",), "sqs": ("sqs:SendMessage",), "lambda": ("lambda:InvokeFunction",)}
_READ = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
}
_USE_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A delivery or, with `reads`, a poll.

    Attributes:
        source: logical id of the resource that causes it.
        target: sample ARN of the topic, queue, function, stream or role.
        service: the principal that makes it, on behalf of `source_arn`; empty if a role makes it.
        role: logical id of the role that makes it.
    """

    source: str
    target: str
    service: str = ""
    source_arn: str = ""
    role: str = ""
    reads: bool = False

    @property
    def actions(self) -> tuple[str, ...]:
        """The actions that the target's policy or the role's policy must allow."""
        kind = self.target.split(":")[2]
        return ("sts:AssumeRole",) if kind == "iam" else (_READ if self.reads else _SEND)[kind]


def deliveries(resources: Mapping[str, Resource]) -> Iterator[Delivery]:
    """Yield every delivery of alarms, SES, SNS, the Scheduler and Lambda."""
    for name, each in resources.items():
        values = each["Properties"]
        match each["Type"]:
            case "AWS::CloudWatch::Alarm":
                yield from _alarm(name, values)
            case "AWS::SES::ConfigurationSetEventDestination":
                source = f"configuration-set/{values['ConfigurationSetName']}"
                topic = values["EventDestination"]["SnsDestination"]["TopicARN"]
                yield _by_service(name, topic, "ses", source)
            case "AWS::SNS::Subscription":
                yield from _subscription(name, values)
            case "AWS::Scheduler::Schedule":
                yield from _schedule(name, values["Target"])
            case "AWS::Lambda::Function" | "AWS::Lambda::EventInvokeConfig":
                yield from _failures(name, values, resources)
            case "AWS::Lambda::EventSourceMapping":
                role = _role(values["FunctionName"], resources)
                yield Delivery(source=name, target=values["EventSourceArn"], role=role, reads=True)
                yield from _failures(name, values, resources)


def requests(
    delivery: Delivery, resources: Mapping[str, Resource]
) -> Iterator[tuple[str, PolicyRequest]]:
    """Yield every request of a delivery, with the logical id of the resource it goes to."""
    target = logical_id(delivery.target)
    for action in delivery.actions:
        yield target, _request(delivery, action, delivery.target)
    key = _key(resources[target])
    if key:
        for action in _USE_KEY[:1] if delivery.reads else _USE_KEY:
            yield logical_id(key), _request(delivery, action, key)


def is_allowed(
    delivery: Delivery, name: str, request: PolicyRequest, resources: Mapping[str, Resource]
) -> bool:
    """Whether the policies of the resource and of the role allow a request."""
    own = list(resource_statements(resources, name))
    if not delivery.role:
        return allows(own, request)
    is_key = resources[name]["Type"] == "AWS::KMS::Key"
    by_resource = allows(own, request) if is_key else not denies(own, request)
    return by_resource and allows(role_statements(resources, delivery.role), request)


def refused(template: Template) -> list[str]:
    """Return the requests of all deliveries that a policy on the way does not allow."""
    resources = resolved(template)
    return [
        f"{each.source} -> {name}: {request.action}"
        for each in deliveries(resources)
        for name, request in requests(each, resources)
        if not is_allowed(each, name, request, resources)
    ]


def open_to_other_accounts(template: Template) -> list[str]:
    """Return the requests of services that would be allowed for another account's resource too."""
    resources = resolved(template)
    return [
        f"{each.source} -> {name}: {request.action}"
        for each in deliveries(resources)
        if each.service
        for name, request in requests(each, resources)
        if is_allowed(each, name, request.from_another_account(), resources)
    ]


def _alarm(name: str, values: dict[str, Any]) -> Iterator[Delivery]:
    for key in ("AlarmActions", "OKActions", "InsufficientDataActions"):
        for target in values.get(key, ()):
            yield _by_service(name, target, "cloudwatch", f"alarm:{values['AlarmName']}")


def _subscription(name: str, values: dict[str, Any]) -> Iterator[Delivery]:
    topic = logical_id(values["TopicArn"])
    if values["Protocol"] in _SEND:
        yield _by_service(name, values["Endpoint"], "sns", topic)
    if "RedrivePolicy" in values:
        yield _by_service(name, values["RedrivePolicy"]["deadLetterTargetArn"], "sns", topic)


def _schedule(name: str, target: dict[str, Any]) -> Iterator[Delivery]:
    yield _by_service(name, target["RoleArn"], "scheduler", "schedule-group/default")
    role = logical_id(target["RoleArn"])
    yield Delivery(source=name, target=target["Arn"], role=role)
    if "DeadLetterConfig" in target:
        yield Delivery(source=name, target=target["DeadLetterConfig"]["Arn"], role=role)


def _failures(
    name: str, values: dict[str, Any], resources: Mapping[str, Resource]
) -> Iterator[Delivery]:
    """Yield deliveries to dead-letter queues and destinations, made by the function's role."""
    targets = [each["Destination"] for each in values.get("DestinationConfig", {}).values()]
    targets += [each["TargetArn"] for each in listed(values.get("DeadLetterConfig", []))]
    for target in targets:
        role = _role(values.get("FunctionName", name), resources)
        yield Delivery(source=name, target=target, role=role)


def _by_service(name: str, target: str, service: str, source: str) -> Delivery:
    return Delivery(
        source=name,
        target=target,
        service=f"{service}.amazonaws.com",
        source_arn=f"arn:aws:{service}:{REGION}:{ACCOUNT}:{source}",
    )


def _request(delivery: Delivery, action: str, resource: str) -> PolicyRequest:
    service = delivery.target.split(":")[2]
    context = {"aws:securetransport": "true", "kms:viaservice": f"{service}.{REGION}.amazonaws.com"}
    if delivery.role:
        # A key's policy names the account, which leaves the decision to the role's policy.
        return PolicyRequest(
            principal=("AWS", ROOT), action=action, resource=resource, context=context
        )
    return PolicyRequest(
        principal=("Service", delivery.service),
        action=action,
        resource=resource,
        context=context | {"aws:sourceaccount": ACCOUNT, "aws:sourcearn": delivery.source_arn},
    )


def _role(function: str, resources: Mapping[str, Resource]) -> str:
    values = resources[logical_id(function)]["Properties"]
    return (
        logical_id(values["Role"]) if "Role" in values else _role(values["FunctionName"], resources)
    )


def _key(target: Resource) -> str:
    """Return the sample ARN of the target's key, or nothing if AWS owns it."""
    values = target["Properties"]
    return str(
        values.get("KmsMasterKeyId") or values.get("SSESpecification", {}).get("KMSMasterKeyId", "")
    )

"""The acknowledged cdk-nag findings, each with its reason. Any other finding fails a synthesis."""

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

if TYPE_CHECKING:
    from infra.stack.service import CalendarService

_PYTHON = "the dependencies are locked, built and tested for Python 3.13"
_DEAD_LETTER_QUEUE = "its dead-letter queue stores the original payload, which can be sent again"
_SYNCHRONOUS = "it is only invoked synchronously, so Lambda never has a failed event to store"
_DEAD = "it is itself a dead-letter queue, with an alarm on its first message"
_ROTATION = "new client secrets come from the provider's console; docs/runbook.md describes how"
_TOKENS = "the functions check bearer tokens themselves; some routes take none or an optional one"
_TRACES = "X-Ray actions and ListStreams do not support resource-level permissions"
_BY_MAIL = "alarms go to a mailbox, which needs no dead-letter queue; the console also shows them"
_REDRIVE = "the queue's redrive policy handles failures; an SQS mapping takes no destination"
_EDGE_LOGS = "API Gateway logs every request that is not blocked, and WAF counts the others"
_SHORT_LIVED = "one function reads its objects, which are deleted after two weeks"
_OBJECTS = "the function may read every received mail, whose id SES chooses"
_EVERYWHERE = "the platform's users may be in any country"


def acknowledge_findings(stack: "CalendarService") -> None:
    """Acknowledge the known findings, each on its construct."""
    for queue in stack.queues.dead.values():
        _acknowledge(queue, _DEAD, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
    _acknowledge(stack.secrets, _ROTATION, "AwsSolutions-SMG4")
    _acknowledge(stack.api, _TOKENS, "AwsSolutions-APIG4")
    _acknowledge(stack.triggers, _REDRIVE, "Serverless-LambdaEventSourceMappingDestination")
    _acknowledge(stack.monitoring, _BY_MAIL, "Serverless-SNSRedrivePolicy")
    if stack.edge:
        _acknowledge(stack.edge, _EDGE_LOGS, "AwsSolutions-CFR3")
        _acknowledge(stack.edge, _EVERYWHERE, "AwsSolutions-CFR1")
    if stack.replies:
        _acknowledge(stack.replies, _SHORT_LIVED, "AwsSolutions-S1")
        _acknowledge(stack.functions["rsvp"], _OBJECTS, stack.replies.finding)
    for function in stack.functions.values():
        _acknowledge(function, _PYTHON, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        _acknowledge(function, _TRACES, "AwsSolutions-IAM5[Resource::*]")
        if function.function.dead_letter_queue:
            _acknowledge(function, _DEAD_LETTER_QUEUE, "Serverless-LambdaAsyncFailureDestination")
        else:
            _acknowledge(function, _SYNCHRONOUS, "Serverless-LambdaDLQ")


def _acknowledge(construct: IConstruct, reason: str, *rules: str) -> None:
    acknowledged = (Acknowledgment(id=rule, reason=reason) for rule in rules)
    Validations.of(construct).acknowledge(*acknowledged)

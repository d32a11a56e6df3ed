"""What cdk-nag finds and why it is right all the same; anything else it finds fails a synthesis."""

from typing import TYPE_CHECKING

from aws_cdk import Acknowledgment, Validations
from constructs import IConstruct

if TYPE_CHECKING:
    from infra.stack.service import CalendarService

_PYTHON = "3.13 is what the dependencies are locked and tested for, and what SnapStart restores"
_AS_IT_WAS = "its dead-letter queue keeps the payload as it was, ready to be sent again"
_SYNCHRONOUS = "called synchronously, so Lambda never puts a call of it aside"
_DEAD = "keeps dead letters itself; an alarm tells when there is one"
_ROTATION = "only the provider's own console makes a new client secret; the docs say how to change"
_TOKENS = "the functions check bearer tokens themselves, some routes with none and some with other"
_TRACES = "X-Ray takes no resource, and neither does ListStreams, which stream mappings ask for"
_BY_MAIL = "an alarm goes to a mailbox, which takes no dead letters; the console shows it as well"
_REDRIVEN = (
    "a FIFO queue's own redrive policy takes what fails; a mapping to SQS has no destination"
)


def waive(stack: "CalendarService") -> None:
    """Acknowledge, on each construct, the findings that are known and meant."""
    for queue in stack.queues.dead.values():
        _waive(queue, _DEAD, "AwsSolutions-SQS3", "Serverless-SQSRedrivePolicy")
    _waive(stack.secrets, _ROTATION, "AwsSolutions-SMG4")
    _waive(stack.api, _TOKENS, "AwsSolutions-APIG4")
    _waive(stack.sources, _REDRIVEN, "Serverless-LambdaEventSourceMappingDestination")
    _waive(stack.monitoring, _BY_MAIL, "Serverless-SNSRedrivePolicy")
    for function in stack.functions.values():
        _waive(function, _PYTHON, "AwsSolutions-L1", "Serverless-LambdaLatestVersion")
        _waive(function, _TRACES, "AwsSolutions-IAM5[Resource::*]")
        if function.function.dead_letter_queue:
            _waive(function, _AS_IT_WAS, "Serverless-LambdaAsyncFailureDestination")
        else:
            _waive(function, _SYNCHRONOUS, "Serverless-LambdaDLQ")


def _waive(construct: IConstruct, reason: str, *rules: str) -> None:
    acknowledged = (Acknowledgment(id=rule, reason=reason) for rule in rules)
    Validations.of(construct).acknowledge(*acknowledged)

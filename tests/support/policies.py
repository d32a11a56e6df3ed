"""Evaluates the policies of a CloudFormation template, with sample values for its references.

Only the parts of IAM's language that the stack uses; an unknown condition never allows anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from tests.support.template import Resource, Statement, Template, listed

ACCOUNT = "000000000000"
FOREIGN_ACCOUNT = "999999999999"
REGION = "eu-central-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"

_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
_OPERATORS = ("StringEquals", "StringLike", "ArnEquals", "ArnLike", "Bool")
_REF_IS_ARN = ("AWS::SNS::Topic", "AWS::Lambda::Alias", "AWS::SecretsManager::Secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRequest:
    """A request to a resource.

    Attributes:
        principal: kind and value as in a statement, for example ("Service", "sns.amazonaws.com").
        context: values of condition keys, which are in lower case.
    """

    principal: tuple[str, str]
    action: str
    resource: str
    context: Mapping[str, str]

    def from_another_account(self) -> "PolicyRequest":
        """Return the same request on behalf of a resource in another account."""
        source = {
            key: value.replace(ACCOUNT, FOREIGN_ACCOUNT)
            for key, value in self.context.items()
            if key.startswith("aws:source")
        }
        return replace(self, context={**self.context, **source})


def arn(resources: Mapping[str, Resource], name: str) -> str:
    """Return the sample ARN of a resource, which ends with its logical id."""
    service = resources[name]["Type"].split("::")[1].lower()
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def logical_id(sample_arn: str) -> str:
    """Return the logical id of the resource with this sample ARN or name."""
    return sample_arn.partition("/")[0].rpartition(":")[2]


def resolved(template: Template) -> dict[str, Resource]:
    """Return the template's resources with sample values instead of references."""
    resources: dict[str, Resource] = template.content["Resources"]
    return {name: _resolve(each, resources) for name, each in resources.items()}


def allows(statements: Iterable[Statement], request: PolicyRequest) -> bool:
    """Whether the statements allow the request and none denies it."""
    effects = {each["Effect"] for each in statements if _applies(each, request)}
    return effects == {"Allow"}


def denies(statements: Iterable[Statement], request: PolicyRequest) -> bool:
    """Whether a statement denies the request."""
    return any(each["Effect"] == "Deny" and _applies(each, request) for each in statements)


def role_statements(resources: Mapping[str, Resource], role: str) -> Iterator[Statement]:
    """Yield the statements of a role's policies."""
    for each in resources.values():
        if each["Type"] == "AWS::IAM::Policy" and role in each["Properties"]["Roles"]:
            yield from each["Properties"]["PolicyDocument"]["Statement"]


def resource_statements(resources: Mapping[str, Resource], name: str) -> Iterator[Statement]:
    """Yield the statements of a resource's own policy."""
    own = resources[name]["Properties"]
    for key in ("KeyPolicy", "AssumeRolePolicyDocument"):
        yield from own.get(key, {}).get("Statement", ())
    for each in resources.values():
        properties = each["Properties"]
        match each["Type"]:
            case "AWS::SNS::TopicPolicy" if arn(resources, name) in properties["Topics"]:
                yield from properties["PolicyDocument"]["Statement"]
            case "AWS::SQS::QueuePolicy" if name in properties["Queues"]:
                yield from properties["PolicyDocument"]["Statement"]
            case "AWS::Lambda::Permission" if logical_id(properties["FunctionName"]) == name:
                yield _permission(properties, arn(resources, name))


def _permission(properties: dict[str, Any], function: str) -> Statement:
    keys = {"aws:SourceArn": "SourceArn", "aws:SourceAccount": "SourceAccount"}
    values = {key: properties[name] for key, name in keys.items() if name in properties}
    return {
        "Effect": "Allow",
        "Principal": {"Service": properties["Principal"]},
        "Action": properties["Action"],
        "Resource": function,
        "Condition": {"ArnLike": values},
    }


def _resolve(value: Any, resources: Mapping[str, Resource]) -> Any:
    match value:
        case {"Ref": str(name)}:
            is_arn = name in resources and resources[name]["Type"] in _REF_IS_ARN
            return arn(resources, name) if is_arn else _PSEUDO.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            whole = arn(resources, name)
            return whole if attribute == "Arn" else f"{whole}/{attribute}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(str(_resolve(each, resources)) for each in parts)
        case dict():
            return {key: _resolve(each, resources) for key, each in value.items()}
        case list():
            return [_resolve(each, resources) for each in value]
        case _:
            return value


def _applies(statement: Statement, request: PolicyRequest) -> bool:
    action = request.action.lower()
    return (
        _is_principal(statement.get("Principal", "*"), *request.principal)
        and any(fnmatchcase(action, each.lower()) for each in listed(statement["Action"]))
        and any(
            fnmatchcase(request.resource, each) for each in listed(statement.get("Resource", "*"))
        )
        and all(
            _holds(operator, key.lower(), listed(values), request)
            if operator in _OPERATORS
            else statement["Effect"] == "Deny"
            for operator, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _is_principal(principal: Any, kind: str, value: str) -> bool:
    if principal in ("*", {"AWS": "*"}):
        return True
    return value in listed(principal.get(kind, ()))


def _holds(operator: str, key: str, values: list[str], request: PolicyRequest) -> bool:
    if key not in request.context:
        return False
    actual = request.context[key]
    if operator in {"StringEquals", "Bool"}:
        return actual in values
    return any(fnmatchcase(actual, each) for each in values)

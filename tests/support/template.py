"""Reading a CloudFormation template as the stack's tests ask of it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Resource = dict[str, Any]
Statement = dict[str, Any]


@dataclass(frozen=True)
class Template:
    """A CloudFormation template."""

    text: str

    @cached_property
    def content(self) -> dict[str, Any]:
        """The whole of it."""
        content: dict[str, Any] = json.loads(self.text)
        return content

    def all(self, kind: str) -> dict[str, Resource]:
        """Return the resources of a type, such as AWS::SQS::Queue, by logical id."""
        found = self.content["Resources"].items()
        return {name: each for name, each in found if each["Type"] == kind}

    def one(self, kind: str, prefix: str = "") -> tuple[str, dict[str, Any]]:
        """Return id and properties of the only resource of a type whose id begins so."""
        found = [each for each in self.all(kind).items() if each[0].startswith(prefix)]
        assert len(found) == 1, f"{len(found)} of {kind} {prefix}"
        return found[0][0], found[0][1]["Properties"]

    def properties(self, kind: str, prefix: str = "") -> dict[str, Any]:
        """Return the properties of such a resource alone."""
        return self.one(kind, prefix)[1]

    def function(self, name: str) -> tuple[str, dict[str, Any]]:
        """Return id and properties of one of the service's functions."""
        return self.one("AWS::Lambda::Function", f"{name.replace('_', '')}Function")

    def statements(self, function: str) -> list[Statement]:
        """Return what a function's role allows, actions and resources always as lists."""
        role = self.function(function)[1]["Role"]["Fn::GetAtt"][0]
        return [
            statement
            for name, each in self.all("AWS::IAM::Policy").items()
            if {"Ref": role} in each["Properties"]["Roles"]
            for statement in self.policy(name)
        ]

    def policy(self, name: str) -> list[Statement]:
        """Return the statements of a resource's policy document."""
        properties = self.content["Resources"][name]["Properties"]
        document = properties.get("PolicyDocument") or properties["KeyPolicy"]
        return [
            {**each, "Action": listed(each["Action"]), "Resource": listed(each["Resource"])}
            for each in document["Statement"]
        ]

    def actions_on(self, function: str, resource: Any) -> set[str]:
        """Return the actions a function may do on one resource."""
        return {
            action
            for statement in self.statements(function)
            if resource in statement["Resource"]
            for action in statement["Action"]
        }


def listed(value: Any) -> list[Any]:
    """Return a list, of one thing if it is none."""
    return value if isinstance(value, list) else [value]


def attribute(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    """Return CloudFormation's way to name an attribute of a resource."""
    return {"Fn::GetAtt": [name, attribute]}


def texts(value: Any) -> Iterator[str]:
    """Yield every text in a value, however deep; a joined one as a whole."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        if "Fn::Join" in value:
            yield "".join(part if isinstance(part, str) else "?" for part in value["Fn::Join"][1])
        else:
            for each in value.values():
                yield from texts(each)

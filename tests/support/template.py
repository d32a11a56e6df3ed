"""Reads a CloudFormation template for the tests of the stack."""

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
        """The parsed template."""
        content: dict[str, Any] = json.loads(self.text)
        return content

    def all(self, kind: str) -> dict[str, Resource]:
        """Return the resources of a type, for example AWS::SQS::Queue, by logical id."""
        resources = self.content["Resources"].items()
        return {name: each for name, each in resources if each["Type"] == kind}

    def one(self, kind: str, prefix: str = "") -> tuple[str, dict[str, Any]]:
        """Return id and properties of the only resource of a type whose id starts with `prefix`."""
        matches = [each for each in self.all(kind).items() if each[0].startswith(prefix)]
        assert len(matches) == 1, f"{len(matches)} of {kind} {prefix}"
        return matches[0][0], matches[0][1]["Properties"]

    def properties(self, kind: str, prefix: str = "") -> dict[str, Any]:
        """Return the properties of the only resource of a type whose id starts with `prefix`."""
        return self.one(kind, prefix)[1]

    def function(self, name: str) -> tuple[str, dict[str, Any]]:
        """Return id and properties of one of the service's Lambda functions."""
        return self.one("AWS::Lambda::Function", f"{name.replace('_', '')}Function")

    def statements(self, function: str) -> list[Statement]:
        """Return the statements of a function's role, with actions and resources as lists."""
        role = self.function(function)[1]["Role"]["Fn::GetAtt"][0]
        return [
            statement
            for name, each in self.all("AWS::IAM::Policy").items()
            if {"Ref": role} in each["Properties"]["Roles"]
            for statement in self.policy(name)
        ]

    def policy(self, name: str) -> list[Statement]:
        """Return the statements of a resource's policy, with actions and resources as lists."""
        properties = self.content["Resources"][name]["Properties"]
        document = properties.get("PolicyDocument") or properties["KeyPolicy"]
        return [
            {**each, "Action": listed(each["Action"]), "Resource": listed(each["Resource"])}
            for each in document["Statement"]
        ]

    def actions_on(self, function: str, resource: Any) -> set[str]:
        """Return the actions a function's role allows on one resource."""
        return {
            action
            for statement in self.statements(function)
            if resource in statement["Resource"]
            for action in statement["Action"]
        }


def listed(value: Any) -> list[Any]:
    """Return the value if it is a list, else a list of it."""
    return value if isinstance(value, list) else [value]


def attribute(name: str, attribute: str = "Arn") -> dict[str, list[str]]:
    """Return a CloudFormation reference to an attribute of a resource."""
    return {"Fn::GetAtt": [name, attribute]}


def texts(value: Any) -> Iterator[str]:
    """Yield every string in a nested value; an Fn::Join as one string, with ? for references."""
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

"""The document has everything in the contract, and every addition has a reason."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.http_contract import contract
from tests.support.schema_facts import BOUNDS, Facts, facts_of, resolved

Operation = Mapping[str, Any]

ADDITIONS: Mapping[tuple[str, str], str] = {
    ("deleteHoliday", "200 data"): "the id of the deleted holiday",
    ("deleteHoliday", "200 data.id"): "the id of the deleted holiday",
    ("sesNotifications", "200 data"): "the id of the accepted message",
    ("sesNotifications", "200 data.messageId"): "the id of the accepted message",
    ("openapiDocument", "status 304"): "a client with the current document need not load it again",
    ("autoProvisionConnection", "status 502"): "the lookup of the primary calendar may fail",
    ("autoProvisionConnection", "status 503"): "the stack may not be configured for the provider",
}
"""What the document has and the contract does not, each with its reason."""

ADDED_VALUES: Mapping[str, str] = {
    "unknown": "after a rollback: the provider of a connection that a newer version stored",
    "unavailable": "after a rollback: the status of such a connection",
}
"""Response values that the contract does not list, each with its reason."""

COMMON_STATUSES: Mapping[str, Callable[[Operation], bool]] = {
    "400": lambda _: True,  # an unknown query parameter
    "413": lambda _: True,
    "429": lambda _: True,
    "500": lambda _: True,
    "502": lambda operation: operation["security"] != [],  # the issuer's keys may be unreachable
}
"""Statuses that are not in the contract, and which operations may have them."""


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        yield from ((path, method, operation) for method, operation in item.items())


CONTRACT = {operation["operationId"]: operation for _, _, operation in operations(contract())}
PATHS = {operation["operationId"]: place for *place, operation in operations(contract())}


@pytest.fixture(params=CONTRACT)
def name(request: pytest.FixtureRequest) -> str:
    """The name of each operation in the contract."""
    return str(request.param)


@pytest.fixture
def contracted(name: str) -> Operation:
    """The operation in the contract."""
    return {"security": [{"bearerAuth": []}], **CONTRACT[name]}


@pytest.fixture
def documented_operation(name: str, generated: dict[str, Any]) -> Operation:
    """The operation in the document."""
    path, method = PATHS[name]
    return {"security": generated["security"], **generated["paths"][path][method]}


def test_an_operation_has_the_contracts_name_tag_and_security(
    contracted: Operation, documented_operation: Operation
) -> None:
    for each in ("operationId", "tags", "security"):
        assert contracted[each] == documented_operation[each]


def test_an_operation_accepts_the_contracts_parameters(
    contracted: Operation, documented_operation: Operation, generated: dict[str, Any]
) -> None:
    expected = parameters(contracted, contract())
    accepted = parameters(documented_operation, generated)

    assert expected.keys() == accepted.keys()
    for key, (is_required, contract_facts) in expected.items():
        assert is_required == accepted[key][0], key
        check_accepts(contract_facts, accepted[key][1])


def parameters(operation: Operation, document: Mapping[str, Any]) -> dict[Any, tuple[bool, Facts]]:
    every = [resolved(each, document) for each in operation.get("parameters", ())]
    return {
        (each["in"], each["name"]): (
            each.get("required", False),
            facts_of(each["schema"], document),
        )
        for each in every
    }


def check_accepts(contract_facts: Facts, accepted: Facts) -> None:
    """Check that every alternative in the contract is accepted; other spellings may be too."""
    for at, values in contract_facts.enums.items():
        spelled = {str(each).casefold() for each in values}
        assert values <= accepted.enums[at], at
        assert spelled == {str(each).casefold() for each in accepted.enums[at]}, at
    for at, patterns in contract_facts.patterns.items():
        assert patterns <= accepted.patterns[at], at
    for at, bounds in contract_facts.bounds.items():
        assert bounds <= accepted.bounds[at], at


def test_an_operation_accepts_the_contracts_body(
    contracted: Operation, documented_operation: Operation, generated: dict[str, Any]
) -> None:
    assert ("requestBody" in contracted) == ("requestBody" in documented_operation)
    if "requestBody" in contracted:
        expected, accepted = contracted["requestBody"], documented_operation["requestBody"]
        assert expected["required"] == accepted["required"]
        assert expected["content"].keys() == accepted["content"].keys()
        contract_facts, accepted_facts = (
            facts_of(body["content"]["application/json"]["schema"], document)
            for body, document in ((expected, contract()), (accepted, generated))
        )
        assert contract_facts.required == accepted_facts.required
        assert contract_facts.named == accepted_facts.named
        check_accepts(contract_facts, accepted_facts)


def test_an_operation_returns_the_contracts_statuses_and_others_for_a_reason(
    name: str, contracted: Operation, documented_operation: Operation
) -> None:
    assert contracted["responses"].keys() <= documented_operation["responses"].keys()
    for status in documented_operation["responses"].keys() - contracted["responses"].keys():
        has_common = COMMON_STATUSES.get(status)
        assert (has_common and has_common(documented_operation)) or (
            name,
            f"status {status}",
        ) in ADDITIONS


def successes(operation: Operation, document: Mapping[str, Any]) -> dict[str, Facts]:
    return {
        status: facts_of(response["content"]["application/json"]["schema"], document)
        for status, response in (
            (status, resolved(each, document)) for status, each in operation["responses"].items()
        )
        if status < "300"
    }


def test_an_operation_returns_the_contracts_fields(
    name: str, contracted: Operation, documented_operation: Operation, generated: dict[str, Any]
) -> None:
    documented = successes(documented_operation, generated)

    for status, contract_facts in successes(contracted, contract()).items():
        more = {
            each for each in documented[status].named if (name, f"{status} {each}") in ADDITIONS
        }
        assert contract_facts.named | more == documented[status].named
        assert contract_facts.required <= documented[status].required
        for at, values in contract_facts.enums.items():
            assert values <= documented[status].enums[at], at
            assert documented[status].enums[at] - values <= ADDED_VALUES.keys(), at


def test_the_document_has_exactly_the_error_codes_of_the_contract(
    generated: dict[str, Any],
) -> None:
    expected, documented = (
        facts_of({"$ref": "#/components/schemas/ErrorEnvelope"}, document)
        for document in (contract(), generated)
    )

    assert expected.enums["error.code"] == documented.enums["error.code"]
    assert expected.named == documented.named


def test_every_listed_addition_is_still_needed(generated: dict[str, Any]) -> None:
    by_id = {each["operationId"]: each for _, _, each in operations(generated)}
    documented = {
        (name, f"{status} {path}")
        for name, operation in by_id.items()
        if name in CONTRACT and name != "openapiDocument"
        for status, facts in successes(operation, generated).items()
        for path in facts.named
    }
    statuses = {
        (name, f"status {status}")
        for name, operation in by_id.items()
        for status in operation["responses"]
    }

    assert set() == ADDITIONS.keys() - documented - statuses


def test_only_the_pages_are_not_in_the_contract(generated: dict[str, Any]) -> None:
    assert {"docs", "console"} == {
        each["operationId"] for _, _, each in operations(generated)
    } - CONTRACT.keys()


def test_bounds_are_compared() -> None:
    facts = facts_of(contract()["components"]["parameters"]["year"]["schema"], contract())

    assert {("minimum", 1970), ("maximum", 2199)} == facts.bounds[""]
    assert {"minimum", "maximum"} <= set(BOUNDS)

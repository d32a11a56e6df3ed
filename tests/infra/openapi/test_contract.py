"""The document against the contract: all it promises is there, and what is more has a reason."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tests.support.contract import contract
from tests.support.schema_facts import BOUNDS, Facts, facts_of, resolved

Operation = Mapping[str, Any]

BEYOND: Mapping[tuple[str, str], str] = {
    ("deleteHoliday", "200 data"): "says which one is gone",
    ("deleteHoliday", "200 data.id"): "says which one is gone",
    ("sesNotifications", "200 data"): "says which message was taken",
    ("sesNotifications", "200 data.messageId"): "says which message was taken",
    ("openapiDocument", "status 304"): "whoever has the document need not read it again",
    ("listEventsForDate", "status 429"): "without a token it may not be asked without end",
    ("legacyCheckAvailability", "status 429"): "it may not be asked without end",
    ("legacyCalendarSetup", "status 429"): "it may not be asked without end",
    ("autoProvisionConnection", "status 502"): "the provider may not name the primary calendar",
    ("autoProvisionConnection", "status 503"): "the stack may not be set up for the provider",
}
"""What the document says of an operation and the contract does not, each with its reason."""

OF_ANY_KIND: Mapping[str, Callable[[Operation], bool]] = {
    "500": lambda _: True,
    "413": lambda operation: "requestBody" in operation,
    "502": lambda operation: operation["security"] != [],  # the issuer's keys are out of reach
}
"""Statuses the contract tells of no operation, and which operations may have them."""


def operations(document: Mapping[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, item in document["paths"].items():
        yield from ((path, method, operation) for method, operation in item.items())


PROMISED = {operation["operationId"]: operation for _, _, operation in operations(contract())}
PLACES = {operation["operationId"]: place for *place, operation in operations(contract())}


@pytest.fixture(params=PROMISED)
def name(request: pytest.FixtureRequest) -> str:
    """Each operation of the contract."""
    return str(request.param)


@pytest.fixture
def promised(name: str) -> Operation:
    """The operation as the contract has it."""
    return {"security": [{"bearerAuth": []}], **PROMISED[name]}


@pytest.fixture
def written(name: str, made: dict[str, Any]) -> Operation:
    """The operation as the document has it."""
    path, method = PLACES[name]
    return {"security": made["security"], **made["paths"][path][method]}


def test_an_operation_keeps_its_name_its_tag_and_its_security(
    promised: Operation, written: Operation
) -> None:
    for each in ("operationId", "tags", "security"):
        assert promised[each] == written[each]


def test_an_operation_takes_the_parameters_promised(
    promised: Operation, written: Operation, made: dict[str, Any]
) -> None:
    asked = parameters(promised, contract())
    taken = parameters(written, made)

    assert asked.keys() == taken.keys()
    for key, (is_required, wanted) in asked.items():
        assert is_required == taken[key][0], key
        check_no_narrower(wanted, taken[key][1])


def parameters(operation: Operation, document: Mapping[str, Any]) -> dict[Any, tuple[bool, Facts]]:
    every = [resolved(each, document) for each in operation.get("parameters", ())]
    return {
        (each["in"], each["name"]): (
            each.get("required", False),
            facts_of(each["schema"], document),
        )
        for each in every
    }


def check_no_narrower(wanted: Facts, taken: Facts) -> None:
    """Every alternative promised is there; more spellings of the same words may be."""
    for at, values in wanted.enums.items():
        spelled = {str(each).casefold() for each in values}
        assert values <= taken.enums[at], at
        assert spelled == {str(each).casefold() for each in taken.enums[at]}, at
    for at, patterns in wanted.patterns.items():
        assert patterns <= taken.patterns[at], at
    for at, bounds in wanted.bounds.items():
        assert bounds <= taken.bounds[at], at


def test_an_operation_takes_the_body_promised(
    promised: Operation, written: Operation, made: dict[str, Any]
) -> None:
    assert ("requestBody" in promised) == ("requestBody" in written)
    if "requestBody" in promised:
        asked, taken = promised["requestBody"], written["requestBody"]
        assert asked["required"] == taken["required"]
        assert asked["content"].keys() == taken["content"].keys()
        wanted, read = (
            facts_of(body["content"]["application/json"]["schema"], document)
            for body, document in ((asked, contract()), (taken, made))
        )
        assert wanted.required == read.required
        assert wanted.named == read.named
        check_no_narrower(wanted, read)


def test_an_operation_answers_every_status_promised_and_others_for_a_reason(
    name: str, promised: Operation, written: Operation
) -> None:
    assert promised["responses"].keys() <= written["responses"].keys()
    for status in written["responses"].keys() - promised["responses"].keys():
        of_its_kind = OF_ANY_KIND.get(status)
        assert (of_its_kind and of_its_kind(written)) or (name, f"status {status}") in BEYOND


def successes(operation: Operation, document: Mapping[str, Any]) -> dict[str, Facts]:
    return {
        status: facts_of(response["content"]["application/json"]["schema"], document)
        for status, response in (
            (status, resolved(each, document)) for status, each in operation["responses"].items()
        )
        if status < "300"
    }


def test_an_operation_answers_the_fields_promised(
    name: str, promised: Operation, written: Operation, made: dict[str, Any]
) -> None:
    told = successes(written, made)

    for status, wanted in successes(promised, contract()).items():
        more = {each for each in told[status].named if (name, f"{status} {each}") in BEYOND}
        assert wanted.named | more == told[status].named
        assert wanted.required <= told[status].required
        for at, values in wanted.enums.items():
            assert values == told[status].enums[at], at


def test_the_document_knows_every_error_code_of_the_contract_and_no_other(
    made: dict[str, Any],
) -> None:
    asked, told = (
        facts_of({"$ref": "#/components/schemas/ErrorEnvelope"}, document)
        for document in (contract(), made)
    )

    assert asked.enums["error.code"] == told.enums["error.code"]
    assert asked.named == told.named


def test_every_reason_for_more_is_still_needed(made: dict[str, Any]) -> None:
    written = {each["operationId"]: each for _, _, each in operations(made)}
    told = {
        (name, f"{status} {place}")
        for name, operation in written.items()
        if name in PROMISED and name != "openapiDocument"
        for status, facts in successes(operation, made).items()
        for place in facts.named
    }
    statuses = {
        (name, f"status {status}")
        for name, operation in written.items()
        for status in operation["responses"]
    }

    assert set() == BEYOND.keys() - told - statuses


def test_the_page_is_the_only_operation_the_contract_does_not_have(made: dict[str, Any]) -> None:
    assert {"docs"} == {each["operationId"] for _, _, each in operations(made)} - PROMISED.keys()


def test_bounds_are_compared_at_all() -> None:
    facts = facts_of(contract()["components"]["parameters"]["year"]["schema"], contract())

    assert {("minimum", 1970), ("maximum", 2199)} == facts.bounds[""]
    assert {"minimum", "maximum"} <= set(BOUNDS)

import json
from dataclasses import fields

import pytest

from infra.inputs import HINTS, RULES, DeploymentInputs, read_inputs
from infra.oauth_clients import OAUTH_CLIENTS
from infra.stages import STAGES, StageError, find_stage
from shared.domain.limits import LIMITS
from shared.settings import Settings

DEV = {"issuer": "https://id.example.com", "audience": "a", "sender": "s@example.com"}
PRODUCTION = {**DEV, "jwks_url": "https://id.example.com/jwks", "alarm_address": "o@example.com"}


@pytest.mark.parametrize("name", STAGES)
def test_every_missing_value_is_named(name: str) -> None:
    stage = find_stage(name)

    with pytest.raises(StageError) as error:
        read_inputs(stage, {}, {})

    assert [each for each in stage.required if f"-c {each}=..." not in str(error.value)] == []


def test_every_input_has_a_hint() -> None:
    oauth = {name for client in OAUTH_CLIENTS.values() for name in client.inputs}

    assert {each.name for each in fields(DeploymentInputs)} - {"oauth"} == set(HINTS) - oauth
    assert oauth <= set(HINTS)


def test_context_takes_precedence_over_the_environment() -> None:
    inputs = read_inputs(
        find_stage("dev"),
        {**DEV, "audience": "from context"},
        {"CALENDAR_AUDIENCE": "from environment", "CALENDAR_GOOGLE_CLIENT_ID": "google"},
    )

    assert ("from context", {"GOOGLE_CLIENT_ID": "google"}) == (inputs.audience, inputs.oauth)


def test_lists_are_separated_by_commas() -> None:
    inputs = read_inputs(
        find_stage("dev"), {**DEV, "front_ends": "https://a.example, https://b.example,"}, {}
    )

    assert ("https://a.example", "https://b.example") == inputs.front_ends


@pytest.mark.parametrize(
    "front_end", ["*", "https://*", "https://*.example.com", "https://a.example/", "a.example"]
)
def test_front_ends_are_exact_origins(front_end: str) -> None:
    with pytest.raises(StageError, match="front_ends"):
        read_inputs(find_stage("dev"), {**DEV, "front_ends": f"https://b.example,{front_end}"}, {})


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("front_ends", "http://a.example"),
        ("redirect_allow_list", "http://a.example/done"),
        ("redirect_allow_list", "https://a.example@b.example/done"),
        ("redirect_allow_list", "https://*.example/done"),
        ("redirect_allow_list", "https://[a/done"),
    ],
)
@pytest.mark.parametrize("stage", ["local", "dev"])
def test_front_ends_and_their_pages_use_https(stage: str, name: str, address: str) -> None:
    with pytest.raises(StageError, match=name):
        read_inputs(find_stage(stage), {**DEV, name: address}, {})


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("front_ends", "http://127.0.0.1:3000"),
        ("redirect_allow_list", "http://127.0.0.1:3000/done"),
    ],
)
def test_only_the_local_stage_accepts_http_on_loopback(name: str, address: str) -> None:
    context = {**DEV, name: f"https://App.example,{address}".lower()}

    assert address in getattr(read_inputs(find_stage("local"), context, {}), name)
    with pytest.raises(StageError, match=name):
        read_inputs(find_stage("dev"), context, {})


def test_a_domain_requires_its_certificate() -> None:
    with pytest.raises(StageError, match="certificate_arn"):
        read_inputs(find_stage("production"), {**PRODUCTION, "domain": "c.example.com"}, {})


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("{", "a JSON object"),
        ("[]", "a JSON object"),
        ('{"SLOT_MINUTES": 30}', "strings as values"),
        ('{"EVENTS_TABLE": "another"}', r"\['EVENTS_TABLE'\]"),
    ],
)
def test_invalid_rules_are_rejected(rules: str, why: str) -> None:
    with pytest.raises(StageError, match=why):
        read_inputs(find_stage("dev"), {**DEV, "rules": rules}, {})


def test_rules_are_settings_of_the_service() -> None:
    unknown = RULES - {name.upper() for name in Settings.model_fields}

    assert frozenset() == unknown


def test_only_the_local_stage_accepts_variables_of_any_name() -> None:
    variables = json.dumps({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    local = read_inputs(find_stage("local"), {**DEV, "environment": variables}, {})

    assert {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"} == local.environment
    with pytest.raises(StageError, match="local stage"):
        read_inputs(find_stage("production"), {**PRODUCTION, "environment": variables}, {})


def test_cloudfront_needs_a_domain_and_its_certificate() -> None:
    with pytest.raises(StageError) as error:
        read_inputs(find_stage("dev"), {**DEV, "edge_acl_arn": "arn:aws:wafv2:us-east-1:x"}, {})

    assert [
        name for name in ("domain", "certificate_arn") if f"-c {name}=" not in str(error.value)
    ] == []


def test_answers_are_received_only_at_a_domain_name() -> None:
    inputs = read_inputs(find_stage("dev"), {**DEV, "rsvp_domain": "rsvp.example.com"}, {})

    assert ("rsvp.example.com", "") == (inputs.rsvp_domain, inputs.receipt_rule_set)
    for domain in ("rsvp", "a@example.com", "https://rsvp.example.com", "Rsvp.example.com"):
        with pytest.raises(StageError, match="rsvp_domain"):
            read_inputs(find_stage("dev"), {**DEV, "rsvp_domain": domain}, {})


def test_every_limit_may_be_set_at_deployment() -> None:
    assert {limit.setting.upper() for limit in LIMITS} <= RULES

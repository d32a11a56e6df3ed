import json
from dataclasses import fields

import pytest

from infra.stages import HINTS, RULES, STAGES, Owner, StageError, owner_of, stage_named
from shared.settings import Settings

TOLD = {"issuer": "https://id.example.com", "audience": "a", "sender": "s@example.com"}
PRODUCTION = {**TOLD, "jwks_url": "https://id.example.com/jwks", "alarm_address": "o@example.com"}


@pytest.mark.parametrize("name", ["prod", "", None])
def test_a_stage_nobody_knows_is_refused_with_those_there_are(name: str | None) -> None:
    with pytest.raises(StageError, match=f"dev, staging, production, local; not {name!r}"):
        stage_named(name)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_says_by_name_all_that_it_needs(name: str) -> None:
    stage = stage_named(name)

    with pytest.raises(StageError) as refused:
        owner_of(stage, {}, {})

    assert [each for each in stage.required if f"-c {each}=..." not in str(refused.value)] == []


def test_production_knows_its_callers_by_public_keys_and_has_somebody_to_wake() -> None:
    assert {"jwks_url", "alarm_address"} <= set(stage_named("production").required)


def test_every_value_of_an_owner_is_explained() -> None:
    assert {each.name for each in fields(Owner)} == set(HINTS)


def test_context_wins_over_the_environment() -> None:
    owner = owner_of(
        stage_named("dev"),
        {**TOLD, "audience": "from context"},
        {"CALENDAR_AUDIENCE": "from environment", "CALENDAR_GOOGLE_CLIENT_ID": "google"},
    )

    assert ("from context", "google") == (owner.audience, owner.google_client_id)


def test_lists_are_told_by_commas() -> None:
    owner = owner_of(
        stage_named("dev"), {**TOLD, "front_ends": "https://a.example, https://b.example,"}, {}
    )

    assert ("https://a.example", "https://b.example") == owner.front_ends


def test_a_domain_needs_its_certificate() -> None:
    with pytest.raises(StageError, match="certificate_arn"):
        owner_of(stage_named("production"), {**PRODUCTION, "domain": "c.example.com"}, {})


@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ("{", "a JSON object"),
        ("[]", "a JSON object"),
        ('{"SLOT_MINUTES": 30}', "every value a string"),
        ('{"EVENTS_TABLE": "another"}', r"\['EVENTS_TABLE'\]"),
    ],
)
def test_rules_that_are_none_are_refused(rules: str, why: str) -> None:
    with pytest.raises(StageError, match=why):
        owner_of(stage_named("dev"), {**TOLD, "rules": rules}, {})


def test_rules_are_settings_of_the_service() -> None:
    unknown = RULES - {name.upper() for name in Settings.model_fields}

    assert frozenset() == unknown


def test_only_a_local_stage_takes_variables_of_any_name() -> None:
    variables = json.dumps({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})

    local = owner_of(stage_named("local"), {**TOLD, "environment": variables}, {})

    assert {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"} == local.environment
    with pytest.raises(StageError, match="local stage"):
        owner_of(stage_named("production"), {**PRODUCTION, "environment": variables}, {})


def test_data_outlives_the_stack_in_production_and_nowhere_else() -> None:
    assert ["production"] == [name for name, stage in STAGES.items() if stage.keeps_data]


@pytest.mark.parametrize("name", STAGES)
def test_strangers_are_held_tighter_than_those_who_are_known(name: str) -> None:
    stage = stage_named(name)

    assert stage.public_throttle.rate < stage.throttle.rate
    assert stage.public_throttle.burst < stage.throttle.burst

import re
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any

import pytest

from infra.environment import COMMON
from infra.functions import FUNCTIONS
from shared.settings import Settings
from tests.support.synthesis import WARM, Synthesis
from tests.support.template import Template, attribute, texts

pytestmark = pytest.mark.long

functions = pytest.mark.parametrize("name", FUNCTIONS)
IN_EVERY_STACK = [name for name, spec in FUNCTIONS.items() if not spec.needs]


def test_the_stack_has_these_functions_and_no_others(production: Template) -> None:
    assert sorted(spec.handler for spec in FUNCTIONS.values()) == sorted(
        each["Properties"]["Handler"] for each in production.all("AWS::Lambda::Function").values()
    )


@functions
def test_a_function_matches_its_record(name: str, production: Template) -> None:
    spec, (_, made) = FUNCTIONS[name], production.function(name)

    assert (
        spec.handler,
        spec.memory_mb,
        spec.timeout.total_seconds(),
        spec.concurrency,
        "python3.13",
        ["arm64"],
        {"Mode": "Active"},
    ) == (
        made["Handler"],
        made["MemorySize"],
        made["Timeout"],
        made.get("ReservedConcurrentExecutions"),
        made["Runtime"],
        made["Architectures"],
        made["TracingConfig"],
    )


@functions
def test_a_function_writes_json_to_its_own_log_group_with_limited_retention(
    name: str, production: Template
) -> None:
    group, log_group = production.one("AWS::Logs::LogGroup", f"{name.replace('_', '')}Log")

    logging = production.function(name)[1]["LoggingConfig"]
    assert ("JSON", {"Ref": group}) == (logging["LogFormat"], logging["LogGroup"])
    assert 90 == log_group["RetentionInDays"]


def test_logs_are_kept_for_a_week_in_dev(dev: Template) -> None:
    groups = [each for name, each in dev.all("AWS::Logs::LogGroup").items() if "Log" in name]

    assert {7} == {each["Properties"]["RetentionInDays"] for each in groups}


@functions
def test_the_settings_of_a_function_are_valid(
    name: str, production: Template, dev: Template
) -> None:
    for template in (production, *([] if FUNCTIONS[name].needs else [dev])):
        variables = template.function(name)[1]["Environment"]["Variables"]
        # Values known only at deployment are references, not strings.
        literals = {key: value for key, value in variables.items() if isinstance(value, str)}
        references = dict.fromkeys(variables.keys() - literals.keys() - {"SES_TOPIC_ARNS"}, "x")

        settings = Settings.read(references | literals)

        assert set(COMMON) <= variables.keys()
        assert variables["STAGE"] == settings.stage
        assert ("calendar-service", "CalendarService", "INFO") == (
            variables["POWERTOOLS_SERVICE_NAME"],
            variables["POWERTOOLS_METRICS_NAMESPACE"],
            variables["POWERTOOLS_LOG_LEVEL"],
        )


def test_tokens_are_checked_with_a_jwk_set_or_with_the_secret_of_the_stack(
    production: Template, dev: Template
) -> None:
    secret, _ = dev.one("AWS::SecretsManager::Secret", "SecretsHs256")
    with_keys = production.function("slots")[1]["Environment"]["Variables"]
    with_secret = dev.function("slots")[1]["Environment"]["Variables"]

    assert "https://id.example.com/jwks.json" == with_keys["AUTH_JWKS_URL"]
    assert "AUTH_HS256_SECRET_ID" not in with_keys
    assert {"Ref": secret} == with_secret["AUTH_HS256_SECRET_ID"]
    assert "AUTH_JWKS_URL" not in with_secret


def test_deployment_inputs_reach_the_functions_that_need_them(production: Template) -> None:
    slots = production.function("slots")[1]["Environment"]["Variables"]
    connections = production.function("connections")[1]["Environment"]["Variables"]

    assert ("45", "Europe/Berlin") == (slots["SLOT_MINUTES"], slots["DEFAULT_TIMEZONE"])
    assert "dav.example.com:443" == slots["CALDAV_ALLOWED_HOSTS"]
    assert ("google-client", "microsoft-client") == (
        connections["GOOGLE_CLIENT_ID"],
        connections["MICROSOFT_CLIENT_ID"],
    )
    assert "https://login.microsoftonline.com/example.com" == slots["MICROSOFT_AUTHORITY"]
    assert "https://app.example.com/done" == connections["REDIRECT_ALLOW_LIST"]


def test_the_local_stage_adds_variables_to_every_function(synthesis: Synthesis) -> None:
    local = synthesis.template("local")

    assert {"http://127.0.0.1:1/google"} == {
        local.function(name)[1]["Environment"]["Variables"]["GOOGLE_CALENDAR_URL"]
        for name in IN_EVERY_STACK
    }


def test_no_environment_contains_a_secret(production: Template) -> None:
    secret = re.compile("SECRET|PASSWORD|PRIVATE")
    plain = [
        f"{name} {key}"
        for name in FUNCTIONS
        for key, value in production.function(name)[1]["Environment"]["Variables"].items()
        if secret.search(key) and not (key.endswith("_SECRET_ID") and isinstance(value, dict))
    ]

    assert [] == plain


@functions
def test_the_code_of_a_function_is_its_own_folder(name: str, synthesis: Synthesis) -> None:
    folder = FUNCTIONS[name].folder
    code = _asset(synthesis, synthesis.template("production").function(name)[1])

    files = {path for path in _files(code) if "__pycache__" not in path}

    assert {"functions/__init__.py", f"functions/{folder}/__init__.py"} <= files
    assert f"functions/{folder}/{FUNCTIONS[name].module}.py" in files
    assert [] == [
        each
        for each in files - {"functions/__init__.py"}
        if not each.startswith(f"functions/{folder}/") or each.endswith("examples.py")
    ]


@functions
def test_the_code_of_a_function_has_bytecode_for_each_module_and_nothing_else(
    name: str, synthesis: Synthesis
) -> None:
    code = _asset(synthesis, synthesis.template("production").function(name)[1])

    files = _files(code)
    bytecode = {cache_from_source(path) for path in files if path.endswith(".py")}

    assert bytecode == {path for path in files if "__pycache__" in path}


@functions
def test_a_function_has_both_layers(name: str, production: Template) -> None:
    layers = production.all("AWS::Lambda::LayerVersion")

    assert [{"Ref": layer} for layer in layers] == production.function(name)[1]["Layers"]
    assert [["Dependencies"], ["Shared"]] == [re.findall("^[A-Z][a-z]+", each) for each in layers]


def test_slots_starts_from_a_snapshot_in_production(production: Template) -> None:
    function, slots = production.function("slots")
    version, published = production.one("AWS::Lambda::Version")
    alias, live = production.one("AWS::Lambda::Alias")

    assert {"ApplyOn": "PublishedVersions"} == slots["SnapStart"]
    assert {"Ref": function} == published["FunctionName"]
    assert attribute(version, "Version") == live["FunctionVersion"]
    assert {alias} == _invoked(production) & {alias, function}


def test_slots_can_use_provisioned_concurrency(synthesis: Synthesis) -> None:
    staging = synthesis.template(WARM)
    alias, live = staging.one("AWS::Lambda::Alias")

    assert {"ProvisionedConcurrentExecutions": 2} == live["ProvisionedConcurrencyConfig"]
    assert "SnapStart" not in staging.function("slots")[1]
    assert alias in _invoked(staging)


def test_slots_has_normal_cold_starts_in_dev(dev: Template) -> None:
    function, slots = dev.function("slots")

    assert {} == dev.all("AWS::Lambda::Alias")
    assert "SnapStart" not in slots
    assert function in _invoked(dev)


def test_dev_reserves_no_concurrency(dev: Template) -> None:
    reserved = [
        name for name in IN_EVERY_STACK if "ReservedConcurrentExecutions" in dev.function(name)[1]
    ]

    assert [] == reserved


def _invoked(template: Template) -> set[str]:
    integrations = template.all("AWS::ApiGatewayV2::Integration").values()
    uris = [each["Properties"]["IntegrationUri"] for each in integrations]
    return {each["Ref"] if "Ref" in each else each["Fn::GetAtt"][0] for each in uris}


def _files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def _asset(synthesis: Synthesis, function: dict[str, Any]) -> Path:
    (key,) = texts(function["Code"]["S3Key"])
    return synthesis.folder / "production" / f"asset.{key.removesuffix('.zip')}"

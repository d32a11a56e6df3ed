import re
from pathlib import Path
from typing import Any

import pytest

from infra.environment import EVERYBODY
from infra.functions import DEPLOYED, FUNCTIONS
from shared.settings import Settings
from tests.support.synthesis import WARM, Synthesis
from tests.support.template import Template, attribute, texts

functions = pytest.mark.parametrize("name", DEPLOYED)


def test_the_stack_has_these_functions_and_no_others(production: Template) -> None:
    assert sorted(FUNCTIONS[name].handler for name in DEPLOYED) == sorted(
        each["Properties"]["Handler"] for each in production.all("AWS::Lambda::Function").values()
    )


@functions
def test_a_function_is_what_its_data_says(name: str, production: Template) -> None:
    data, (_, made) = FUNCTIONS[name], production.function(name)

    assert (
        data.handler,
        data.memory_mb,
        data.timeout.total_seconds(),
        data.concurrency,
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
def test_a_function_writes_json_to_a_log_of_its_own_that_is_not_kept_for_ever(
    name: str, production: Template, dev: Template
) -> None:
    group, kept = production.one("AWS::Logs::LogGroup", f"{name.replace('_', '')}Log")

    logging = production.function(name)[1]["LoggingConfig"]
    assert ("JSON", {"Ref": group}) == (logging["LogFormat"], logging["LogGroup"])
    assert 90 == kept["RetentionInDays"]
    assert 7 == dev.one("AWS::Logs::LogGroup", f"{name.replace('_', '')}Log")[1]["RetentionInDays"]


@functions
def test_a_function_starts_with_the_environment_it_is_given(
    name: str, production: Template, dev: Template
) -> None:
    for template in (production, dev):
        variables = template.function(name)[1]["Environment"]["Variables"]
        # A value that is only known at deployment has a form of its own.
        told = {key: value for key, value in variables.items() if isinstance(value, str)}
        unknown = dict.fromkeys(variables.keys() - told.keys() - {"SES_TOPIC_ARNS"}, "x")

        settings = Settings.read(unknown | told)

        assert set(EVERYBODY) <= variables.keys()
        assert variables["STAGE"] == settings.stage
        assert ("calendar-service", "CalendarService", "INFO") == (
            variables["POWERTOOLS_SERVICE_NAME"],
            variables["POWERTOOLS_METRICS_NAMESPACE"],
            variables["POWERTOOLS_LOG_LEVEL"],
        )


def test_tokens_are_checked_by_key_set_or_by_the_secret_of_the_stack(
    production: Template, dev: Template
) -> None:
    secret, _ = dev.one("AWS::SecretsManager::Secret", "SecretsHs256")
    with_keys = production.function("slots")[1]["Environment"]["Variables"]
    with_secret = dev.function("slots")[1]["Environment"]["Variables"]

    assert "https://id.example.com/jwks.json" == with_keys["AUTH_JWKS_URL"]
    assert "AUTH_HS256_SECRET_ID" not in with_keys
    assert {"Ref": secret} == with_secret["AUTH_HS256_SECRET_ID"]
    assert "AUTH_JWKS_URL" not in with_secret


def test_what_the_owner_tells_reaches_the_functions_that_need_it(production: Template) -> None:
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


def test_a_local_run_changes_variables_of_every_function(synthesis: Synthesis) -> None:
    local = synthesis.template("local")

    assert {"http://127.0.0.1:1/google"} == {
        local.function(name)[1]["Environment"]["Variables"]["GOOGLE_CALENDAR_URL"]
        for name in DEPLOYED
    }


def test_no_secret_stands_in_an_environment(production: Template) -> None:
    secret = re.compile("SECRET|PASSWORD|PRIVATE")
    plain = [
        f"{name} {key}"
        for name in DEPLOYED
        for key, value in production.function(name)[1]["Environment"]["Variables"].items()
        if secret.search(key) and not (key.endswith("_SECRET_ID") and isinstance(value, dict))
    ]

    assert [] == plain


@functions
def test_a_function_brings_its_own_folder_only(name: str, synthesis: Synthesis) -> None:
    folder = FUNCTIONS[name].folder
    code = _asset(synthesis, synthesis.template("production").function(name)[1])

    files = {str(path.relative_to(code)) for path in code.rglob("*") if path.is_file()}

    assert {"functions/__init__.py", f"functions/{folder}/__init__.py"} <= files
    assert f"functions/{folder}/{FUNCTIONS[name].module}.py" in files
    assert [] == [
        each
        for each in files - {"functions/__init__.py"}
        if not each.startswith(f"functions/{folder}/")
        or "__pycache__" in each
        or each.endswith("examples.py")
    ]


@functions
def test_a_function_loads_both_layers(name: str, production: Template) -> None:
    layers = production.all("AWS::Lambda::LayerVersion")

    assert [{"Ref": layer} for layer in layers] == production.function(name)[1]["Layers"]
    assert [["Dependencies"], ["Shared"]] == [re.findall("^[A-Z][a-z]+", each) for each in layers]


def test_calls_of_slots_reach_processes_restored_from_a_snapshot(production: Template) -> None:
    function, slots = production.function("slots")
    version, published = production.one("AWS::Lambda::Version")
    alias, live = production.one("AWS::Lambda::Alias")

    assert {"ApplyOn": "PublishedVersions"} == slots["SnapStart"]
    assert {"Ref": function} == published["FunctionName"]
    assert attribute(version, "Version") == live["FunctionVersion"]
    assert {alias} == _called(production) & {alias, function}


def test_or_processes_that_are_kept_warm(synthesis: Synthesis) -> None:
    staging = synthesis.template(WARM)
    alias, live = staging.one("AWS::Lambda::Alias")

    assert {"ProvisionedConcurrentExecutions": 2} == live["ProvisionedConcurrencyConfig"]
    assert "SnapStart" not in staging.function("slots")[1]
    assert alias in _called(staging)


def test_or_any_process_where_cold_starts_do_not_matter(dev: Template) -> None:
    function, slots = dev.function("slots")

    assert {} == dev.all("AWS::Lambda::Alias")
    assert "SnapStart" not in slots
    assert function in _called(dev)


def test_a_stage_can_leave_the_account_its_share(dev: Template) -> None:
    reserved = [
        name for name in DEPLOYED if "ReservedConcurrentExecutions" in dev.function(name)[1]
    ]

    assert [] == reserved


def _called(template: Template) -> set[str]:
    integrations = template.all("AWS::ApiGatewayV2::Integration").values()
    uris = [each["Properties"]["IntegrationUri"] for each in integrations]
    return {each["Ref"] if "Ref" in each else each["Fn::GetAtt"][0] for each in uris}


def _asset(synthesis: Synthesis, function: dict[str, Any]) -> Path:
    (key,) = texts(function["Code"]["S3Key"])
    return synthesis.folder / "production" / f"asset.{key.removesuffix('.zip')}"

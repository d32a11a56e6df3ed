import json
from pathlib import Path

import pytest

from infra.local.aws import client_environment
from infra.local.deployed.cdk import Cdk, CdkFailed

ACCOUNT = "123456789012"
RECORDING = """
const fs = require("fs");
const given = process.argv.slice(2);
fs.appendFileSync(process.env.RECORD, JSON.stringify({given, environment: process.env}) + "\\n");
const outputs = given.indexOf("--outputs-file");
if (outputs >= 0) fs.writeFileSync(given[outputs + 1], '{"stack": {"ApiId": "abc"}}');
"""
FAILING = 'console.log("there is no such stage"); process.exit(3);'


def cdk(folder: Path, program: Path, **more: str) -> Cdk:
    environment = client_environment("http://127.0.0.1:1", account=ACCOUNT)
    return Cdk(environment | more, account=ACCOUNT, folder=folder, program=program)


def test_the_stack_is_deployed_only_to_the_account_that_was_bootstrapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    program, record = tmp_path / "cdk.js", tmp_path / "record"
    program.write_text(RECORDING)

    outputs = cdk(tmp_path, program, RECORD=str(record)).deploy({"stage": "local"})

    ran = {each["given"][0]: each for each in map(json.loads, record.read_text().splitlines())}
    assert {"ApiId": "abc"} == outputs
    assert {"bootstrap", "synth", "deploy"} == ran.keys()
    assert f"aws://{ACCOUNT}/eu-central-1" in ran["bootstrap"]["given"]
    assert "stage=local" in ran["synth"]["given"]
    for each in ran.values():
        assert {"--no-notices", "--no-version-reporting"} <= set(each["given"])
        assert "true" == each["environment"]["CDK_DISABLE_CLI_TELEMETRY"]
        assert "http://127.0.0.1:1" == each["environment"]["AWS_ENDPOINT_URL"]
        assert "AWS_PROFILE" not in each["environment"]


def test_a_failed_command_raises_with_its_output(tmp_path: Path) -> None:
    program = tmp_path / "cdk.js"
    program.write_text(FAILING)

    with pytest.raises(
        CdkFailed, match=r"(?s)`cdk synth` failed with exit status 3:.*there is no such stage"
    ):
        cdk(tmp_path, program).deploy({"stage": "local"})


def test_a_missing_cdk_raises_with_the_command_that_installs_it(tmp_path: Path) -> None:
    with pytest.raises(CdkFailed, match="run `make setup`"):
        cdk(tmp_path, tmp_path / "missing").deploy({"stage": "local"})

"""The CDK's command line, restricted to an AWS on this machine."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.local.aws import REGION
from infra.local.processes import ROOT

CDK = ROOT / "infra" / "cdk" / "node_modules" / "aws-cdk" / "bin" / "cdk"
TAIL_CHARACTERS = 4000
LEFT_OUT = ("AWS_", "COVERAGE_", "PYTHONDONTWRITEBYTECODE")
"""Prefixes of variables that are not passed on. AWS's might lead to a real account; the others make
a synthesis take twice as long, mostly for compiling the CDK library again."""

QUIET = ("--no-notices", "--no-version-reporting", "--no-color", "--ci")


class CdkFailed(RuntimeError):
    """A CDK command failed; the message holds the end of its output."""


class Cdk:
    """Runs CDK commands for one account; they write to `folder`.

    `environment` points AWS clients to that account; `program` is the CDK's entry point.
    """

    def __init__(
        self, environment: Mapping[str, str], *, account: str, folder: Path, program: Path = CDK
    ) -> None:
        self._program = program
        self._target = f"aws://{account}/{REGION}"
        self._folder = folder
        self._assembly = folder / "cdk.out"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)},
            **environment,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DEFAULT_ACCOUNT": account,
            "CDK_DEFAULT_REGION": REGION,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            # Takes six seconds; the tests run cfn-lint on the template instead.
            "CDK_VALIDATION": "false",
            "CDK_HOME": str(folder / "cdk-home"),
            # The stack does not depend on the version of Node.
            "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_DEPRECATED_NODE_VERSION": "1",
            "JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION": "1",
        }

    def deploy(self, context: Mapping[str, str]) -> dict[str, str]:
        """Bootstrap the account, deploy the stack of that context and return its outputs.

        Raises:
            CdkFailed: when a command fails.
        """
        with ThreadPoolExecutor(2) as pool:
            bootstrapped = pool.submit(self._run, ["bootstrap", self._target])
            self._synthesise(context)
            bootstrapped.result()
        return self._deploy()

    def _synthesise(self, context: Mapping[str, str]) -> None:
        given = [part for name, value in context.items() for part in ("-c", f"{name}={value}")]
        self._run(["synth", "--quiet", "--output", str(self._assembly), *given], folder=ROOT)

    def _deploy(self) -> dict[str, str]:
        outputs = self._folder / "outputs.json"
        options = ["--app", str(self._assembly), "--outputs-file", str(outputs)]
        self._run(["deploy", "--all", "--require-approval", "never", *options])
        outputs_by_stack: dict[str, dict[str, str]] = json.loads(outputs.read_text())
        return {name: value for stack in outputs_by_stack.values() for name, value in stack.items()}

    def _run(self, command: Sequence[str], *, folder: Path | None = None) -> None:
        if not self._program.exists():
            raise CdkFailed(f"{self._program} is missing; run `make setup`")
        done = subprocess.run(  # noqa: S603 - a fixed command, no shell
            ["node", str(self._program), *command, *QUIET],  # noqa: S607 - the node on PATH
            # In a folder with a cdk.json every command would run the app it names.
            cwd=folder or self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            output = done.stdout[-TAIL_CHARACTERS:]
            raise CdkFailed(
                f"`cdk {command[0]}` failed with exit status {done.returncode}:\n{output}"
            )

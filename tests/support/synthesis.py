"""The stack of every stage, synthesized once per test run.

`python -m tests.support.synthesis FOLDER` synthesizes in its own process. For production it does
what `cdk` does: it passes inputs and output folder in the environment.
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra.inputs import read_inputs
from infra.local.processes import ROOT
from infra.stages import find_stage
from layers.functions import build_functions
from layers.pack import pack
from tests.support.template import Template

_MINIMAL = {
    "issuer": "https://id.example.com/",
    "audience": "calendar-service",
    "sender": "Sessions <sessions@mail.example.com>",
}
_FULL = {
    **_MINIMAL,
    "jwks_url": "https://id.example.com/jwks.json",
    "alarm_address": "on-call@example.com",
    "domain": "calendar.example.com",
    "certificate_arn": "arn:aws:acm:eu-central-1:000000000000:certificate/example",
    "google_client_id": "google-client",
    "microsoft_client_id": "microsoft-client",
    "microsoft_authority": "https://login.microsoftonline.com/example.com",
    "redirect_allow_list": "https://app.example.com/done",
    "front_ends": "https://app.example.com,https://admin.example.com",
    "caldav_allowed_hosts": "dav.example.com:443",
    "rsvp_domain": "rsvp.mail.example.com",
    "rules": json.dumps({"SLOT_MINUTES": "45", "DEFAULT_TIMEZONE": "Europe/Berlin"}),
}
_EDGE_INPUTS = {
    "certificate_arn": "arn:aws:acm:us-east-1:000000000000:certificate/example",
    "edge_acl_arn": "arn:aws:wafv2:us-east-1:000000000000:global/webacl/WebAcl/example",
    "firewall": "yes",
}
CONTEXTS: Mapping[str, Mapping[str, str]] = {
    "production": _FULL,
    "dev": _MINIMAL,
    "local": {
        **_MINIMAL,
        "public_base_url": "http://127.0.0.1:4566/{api}",
        "environment": json.dumps({"GOOGLE_CALENDAR_URL": "http://127.0.0.1:1/google"}),
    },
}
"""The inputs of each stage."""

EDGE = "staging-edge"
"""The staging stage behind CloudFront."""

FIREWALL = "firewall"
"""The stack of the web ACL."""

WARM = "staging-provisioned"
"""The staging stage with provisioned concurrency for slots."""

INSECURE = "insecure"
"""A separate stack with a queue that the checks must reject."""


@dataclasses.dataclass(frozen=True)
class Synthesis:
    """The folder of cloud assemblies, one for each name above."""

    folder: Path

    def template(self, name: str) -> Template:
        """Return the template of an assembly."""
        file = _stack_file(self.folder, name)
        return Template(file.read_text())

    def findings(self, name: str) -> list[str]:
        """Return the findings of the checks in an assembly that are not acknowledged."""
        report = json.loads((self.folder / name / "validation-report.json").read_text())
        return [
            f"{violation['ruleName']} {construct['constructPath']}"
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ]


def _stack_file(folder: Path, name: str) -> Path:
    """Return the template of an assembly; that of the web ACL is in the assembly `EDGE`."""
    files = (folder / (EDGE if name == FIREWALL else name)).glob("*.template.json")
    (file,) = [each for each in files if ("-firewall." in each.name) == (name == FIREWALL)]
    return file


def synthesized(folder: Path) -> Synthesis:
    """Return every stage's stack; the first process that calls this synthesizes in `folder`."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = folder / "done"
        if not done.exists():
            _run(folder)
            done.touch()
    return Synthesis(folder)


def _run(folder: Path) -> None:
    for layer in ("dependencies", "shared", "local"):
        package = folder / layer / "python"
        package.mkdir(parents=True)
        (package / "placeholder.py").touch()
        shutil.make_archive(str(package.parent), "zip", package.parent)
        (folder / "layers").mkdir(exist_ok=True)
        pack(folder / layer, folder / "layers" / f"{layer}.zip")
    build_functions(folder / "layers", compiler=sys.executable)
    quiet = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    result = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tests.support.synthesis", str(folder)],
        cwd=ROOT,
        env=os.environ | quiet,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def _synthesize_all(folder: Path) -> None:
    layers = str(folder / "layers")
    production = {**CONTEXTS["production"], "stage": "production", "layers": layers}
    os.environ |= {f"CALENDAR_{name.upper()}": value for name, value in production.items()}
    os.environ["CDK_OUTDIR"] = str(folder / "production")
    # The import starts CDK's Node process, which inherits the environment of that moment.
    from aws_cdk import App  # noqa: PLC0415 - after the environment is set

    from infra.app import FLAGS, add_checks, add_service, main  # noqa: PLC0415 - after the environment is set

    main()
    for name in ("dev", "local"):
        context = {**FLAGS, **CONTEXTS[name], "stage": name, "layers": layers}
        app = App(outdir=str(folder / name), analytics_reporting=False, context=context)
        add_service(app, {})
        app.synth()
    edge = {**FLAGS, **_FULL, **_EDGE_INPUTS, "stage": "staging", "layers": layers}
    app = App(outdir=str(folder / EDGE), analytics_reporting=False, context=edge)
    add_service(app, {})
    app.synth()
    _synthesize_warm(App(outdir=str(folder / WARM), context=dict(FLAGS)), Path(layers))
    insecure = App(outdir=str(folder / INSECURE))
    add_checks(insecure)
    _synthesize_insecure(insecure)


def _synthesize_warm(app: Any, layers: Path) -> None:
    from infra.stack.assets import Assets  # noqa: PLC0415 - after the environment is set
    from infra.stack.service import CalendarService  # noqa: PLC0415 - after the environment is set

    staging = find_stage("staging")
    stage = dataclasses.replace(staging, slots_start="provisioned", slots_kept_warm=2)
    inputs = read_inputs(stage, _FULL, {})
    CalendarService(app, stage=stage, inputs=inputs, assets=Assets(layers))
    app.synth()


def _synthesize_insecure(app: Any) -> None:
    from aws_cdk import Stack, aws_sqs  # noqa: PLC0415 - after the environment is set

    aws_sqs.Queue(Stack(app, INSECURE), "Open")
    # The findings are in the report, which a test reads.
    with contextlib.suppress(RuntimeError):
        app.synth()


if __name__ == "__main__":
    _synthesize_all(Path(sys.argv[1]))

"""The stack of every stage, synthesised once for a whole run of the tests.

`python -m tests.support.synthesis FOLDER` does it in a process of its own, production's as cdk
would: what it is told, and where to write, comes in the environment.
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

from infra.local.processes import ROOT
from infra.stages import owner_of, stage_named
from layers.pack import pack
from tests.support.template import Template

_EVERYWHERE = {
    "issuer": "https://id.example.com/",
    "audience": "calendar-service",
    "sender": "Sessions <sessions@mail.example.com>",
}
_FULL = {
    **_EVERYWHERE,
    "jwks_url": "https://id.example.com/jwks.json",
    "alarm_address": "on-call@example.com",
    "domain": "calendar.example.com",
    "certificate_arn": "arn:aws:acm:eu-central-1:000000000000:certificate/of-nobody",
    "google_client_id": "google-client",
    "microsoft_client_id": "microsoft-client",
    "microsoft_authority": "https://login.microsoftonline.com/example.com",
    "redirect_allow_list": "https://app.example.com/done",
    "front_ends": "https://app.example.com,https://admin.example.com",
    "caldav_allowed_hosts": "dav.example.com:443",
    "rules": json.dumps({"SLOT_MINUTES": "45", "DEFAULT_TIMEZONE": "Europe/Berlin"}),
}
CONTEXTS: Mapping[str, Mapping[str, str]] = {
    "production": _FULL,
    "dev": _EVERYWHERE,
    "local": {
        **_EVERYWHERE,
        "public_base_url": "http://127.0.0.1:4566/{api}",
        "environment": json.dumps({"GOOGLE_CALENDAR_URL": "http://127.0.0.1:1/google"}),
    },
}
"""What is told of each stage."""

WARM = "staging-provisioned"
"""The staging stage with slots processes kept warm."""

CARELESS = "careless"
"""A stack of somebody else with a queue that checks must refuse."""


@dataclasses.dataclass(frozen=True)
class Synthesis:
    """The folder of cloud assemblies, one for each of `CONTEXTS` and one for `WARM`."""

    folder: Path

    def template(self, name: str) -> Template:
        """Return the template of one."""
        (file,) = (self.folder / name).glob("*.template.json")
        return Template(file.read_text())

    def findings(self, name: str) -> list[str]:
        """Return what checks found in one and nobody has acknowledged."""
        report = json.loads((self.folder / name / "validation-report.json").read_text())
        return [
            f"{violation['ruleName']} {construct['constructPath']}"
            for plugin in report["pluginReports"]
            for violation in plugin["violations"]
            for construct in violation["violatingConstructs"]
        ]


def synthesised(folder: Path) -> Synthesis:
    """Return every stage's stack, made there by the first of the processes that ask."""
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
    told = {"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "1"}
    finished = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "tests.support.synthesis", str(folder)],
        cwd=ROOT,
        env=os.environ | told,
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr


def _synthesise_all(folder: Path) -> None:
    layers = str(folder / "layers")
    production = {**CONTEXTS["production"], "stage": "production", "layers": layers}
    os.environ |= {f"CALENDAR_{name.upper()}": value for name, value in production.items()}
    os.environ["CDK_OUTDIR"] = str(folder / "production")
    # CDK's own process starts with the import, and has the environment of that moment.
    from aws_cdk import App  # noqa: PLC0415 - see above

    from infra.app import FLAGS, add_checks, main, service  # noqa: PLC0415 - see above

    main()
    for name in ("dev", "local"):
        context = {**FLAGS, **CONTEXTS[name], "stage": name, "layers": layers}
        app = App(outdir=str(folder / name), analytics_reporting=False, context=context)
        service(app, {})
        app.synth()
    _synthesise_warm(App(outdir=str(folder / WARM), context=dict(FLAGS)), Path(layers))
    careless = App(outdir=str(folder / CARELESS))
    add_checks(careless)
    _synthesise_careless(careless)


def _synthesise_warm(app: Any, layers: Path) -> None:
    from infra.stack.assets import Assets  # noqa: PLC0415 - see above
    from infra.stack.service import CalendarService  # noqa: PLC0415 - see above

    staging = stage_named("staging")
    stage = dataclasses.replace(staging, slots_start="provisioned", slots_kept_warm=2)
    CalendarService(app, stage=stage, owner=owner_of(stage, _FULL, {}), assets=Assets(layers))
    app.synth()


def _synthesise_careless(app: Any) -> None:
    from aws_cdk import Stack, aws_sqs  # noqa: PLC0415 - see above

    aws_sqs.Queue(Stack(app, CARELESS), "Open")
    # What was found stands in the report, where a test looks for it.
    with contextlib.suppress(RuntimeError):
        app.synth()


if __name__ == "__main__":
    _synthesise_all(Path(sys.argv[1]))

"""The verification code of docs/webhooks.md accepts the signatures of deliveries, and no others."""

import json
import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.local.processes import ROOT
from shared.domain.webhook import signature

PAGE = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
NEW, OLD = "whsec_new", "whsec_old"
BODY = '{"id":"evt_1","data":{"title":"Zoë"}}'
SECONDS = 20

IsGenuine = Callable[[str, str, str], bool]
"""Returns whether the header is a signature of the body with the secret."""


def code(language: str) -> str:
    (block,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return str(block)


def in_python(body: str, header: str, secret: str) -> bool:
    names: dict[str, Any] = {}
    exec(compile(code("python"), "docs/webhooks.md", "exec"), names)  # noqa: S102 - our own page
    return bool(names["is_genuine"](body.encode(), header, secret))


def in_typescript(folder: Path) -> IsGenuine:
    script = folder / "webhooks.mjs"
    # Node 20 does not run TypeScript; the types in this code are those of parameters and results.
    script.write_text(re.sub(r": (Buffer|string|number|boolean)\b", "", code("typescript")))

    def is_genuine(body: str, header: str, secret: str) -> bool:
        call = (
            f"import {{ isGenuine }} from {json.dumps(script.as_uri())};"
            "const [body, header, secret] = process.argv.slice(1);"
            "console.log(isGenuine(Buffer.from(body), header, secret));"
        )
        command = ["node", "--input-type=module", "-e", call, body, header, secret]
        done = subprocess.run(  # noqa: S603 - our own page, no shell
            command, capture_output=True, text=True, timeout=SECONDS, check=True
        )
        return done.stdout.strip() == "true"

    return is_genuine


@pytest.fixture(params=["python", "typescript"])
def is_genuine(request: pytest.FixtureRequest, tmp_path: Path) -> IsGenuine:
    """The code of the page, in each language."""
    return in_python if request.param == "python" else in_typescript(tmp_path)


def signed(*secrets: str, age: timedelta = timedelta(0)) -> str:
    return signature(BODY, secrets, now=datetime.now(UTC) - age)


def test_the_signature_of_a_delivery_is_accepted(is_genuine: IsGenuine) -> None:
    assert is_genuine(BODY, signed(NEW), NEW)


def test_during_a_rotation_both_secrets_are_accepted(is_genuine: IsGenuine) -> None:
    header = signed(NEW, OLD)

    assert is_genuine(BODY, header, NEW)
    assert is_genuine(BODY, header, OLD)


def test_another_body_or_secret_is_rejected(is_genuine: IsGenuine) -> None:
    assert not is_genuine(BODY + " ", signed(NEW), NEW)
    assert not is_genuine(BODY, signed(NEW), OLD)


def test_an_old_signature_is_rejected(is_genuine: IsGenuine) -> None:
    assert not is_genuine(BODY, signed(NEW, age=timedelta(minutes=6)), NEW)


def test_a_header_of_another_form_is_rejected(is_genuine: IsGenuine) -> None:
    for header in ("", "t=,v1=", "t=x,v1=00", "v1", signed(NEW).replace("v1=", "v0="), "t=1,v1=é"):
        assert not is_genuine(BODY, header, NEW)

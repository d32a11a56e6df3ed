"""Every payload matches the types Microsoft publishes for Graph."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from infra.local.simulators.microsoft.events import make_online_meeting
from shared.domain.interval import Interval
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_sign_in import microsoft_flow
from tests.support.microsoft_test_server import (
    EMAIL,
    TIMEOUT,
    MicrosoftTestServer,
    RecordedExchange,
    microsoft_case,
)
from tests.support.provider_cases import START, content

HOUR = timedelta(hours=1)
MODULES = Path(__file__).parents[3] / "contract" / "microsoft-graph-types" / "node_modules"
PACKAGE = "@microsoft/microsoft-graph-types"

WRONG: tuple[dict[str, Any], ...] = (
    {"showAs": "engaged"},
    {"title": "not a property of events"},
    {"body": {"contentType": "markdown", "content": ""}},
    {"start": {"dateTime": "2026-03-02T10:00:00", "zone": "UTC"}},
)


def copy_exchanges() -> list[RecordedExchange]:
    with microsoft_case() as case:
        server = cast("MicrosoftTestServer", case.server)
        server.add_entry("lunch", Interval(START, START + HOUR))
        server.put(attendees=[{"emailAddress": {"address": "kay@contoso.example"}}])
        created = case.provider.create_copy(case.account, content(), timeout=TIMEOUT)
        changed = content(
            title="Renamed",
            interval=Interval(START + HOUR, START + 2 * HOUR),
            location=None,
            description="New",
        )
        case.provider.update_copy(case.account, created, changed, timeout=TIMEOUT)
        make_online_meeting(server.item(created.external_id), "https://teams.example/1")
        within = Interval(START - 24 * HOUR, START + 24 * HOUR)
        case.provider.entries(case.account, within, timeout=TIMEOUT)
        case.provider.delete_copy(case.account, created, key=content().key, timeout=TIMEOUT)
        return server.transport.exchanges


def connection_exchanges() -> list[RecordedExchange]:
    with microsoft_flow() as flow:
        access, _ = flow.simulator.sign_ins.grant(EMAIL, SCOPES)
        flow.oauth.primary_calendar(access, timeout=TIMEOUT)
        return flow.transport.exchanges


def payloads(exchanges: Iterable[RecordedExchange]) -> list[tuple[str, dict[str, Any]]]:
    """Return each JSON object sent or received, with the name of its published type."""
    typed_payloads: list[tuple[str, dict[str, Any]]] = []
    for each in exchanges:
        path = each.request.url.path
        kind = "Event"
        if path.endswith(("/calendar", "/mailboxSettings")):
            kind = "Calendar" if path.endswith("/calendar") else "MailboxSettings"
        if each.sent:
            typed_payloads.append((kind, each.sent))
        body = each.received or {}
        typed_payloads += [(kind, item) for item in body.get("value", [body] if body else [])]
    return typed_payloads


def source(
    typed_payloads: Iterable[tuple[str, dict[str, Any]]], wrong: Iterable[dict[str, Any]]
) -> str:
    """Return a module that assigns each payload to its type; `@odata.` annotations are removed.

    Each wrong payload is marked `@ts-expect-error`, so the compiler reports one it accepts.
    """
    lines = [f'import type {{ Calendar, Event, MailboxSettings }} from "{PACKAGE}";']
    for number, (kind, payload) in enumerate(typed_payloads):
        plain = {name: value for name, value in payload.items() if "@odata." not in name}
        lines.append(f"export const p{number}: {kind} = {json.dumps(plain)};")
    for number, payload in enumerate(wrong):
        lines.append("// @ts-expect-error")
        lines.append(f"export const w{number}: Event = {json.dumps(payload)};")
    return "\n".join(lines)


def compiler_output(text: str, folder: Path) -> str:
    """Return the compiler's messages for the module."""
    node = shutil.which("node")
    assert node, "install node; `make setup` needs it too"
    assert MODULES.exists(), "run `make setup`"
    (folder / "payloads.ts").write_text(text)
    options = {
        "strict": True,
        "noEmit": True,
        "module": "esnext",
        "moduleResolution": "bundler",
        "lib": ["es2022"],
        "skipLibCheck": True,
        "types": [],
        "paths": {PACKAGE: [str(MODULES / PACKAGE)]},
    }
    config = {"compilerOptions": options, "files": ["payloads.ts"]}
    (folder / "tsconfig.json").write_text(json.dumps(config))
    compiler = str(MODULES / "typescript" / "bin" / "tsc")
    process = subprocess.run(  # noqa: S603 - the compiler `make setup` has installed
        [node, compiler, "--project", str(folder)], capture_output=True, text=True, check=False
    )
    return process.stdout + process.stderr


def test_every_payload_has_its_published_type_and_wrong_payloads_are_detected(
    tmp_path: Path,
) -> None:
    typed_payloads = payloads([*copy_exchanges(), *connection_exchanges()])

    problems = compiler_output(source(typed_payloads, WRONG), tmp_path)

    assert "" == problems
    assert {"Event", "Calendar", "MailboxSettings"} == {kind for kind, _ in typed_payloads}
    assert 8 <= len(typed_payloads)

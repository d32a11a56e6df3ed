"""What goes over the wire is held to the types Microsoft publishes for Graph."""

import json
import shutil
import subprocess
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

from infra.local.simulators.microsoft_events import as_meeting
from shared.domain.interval import Interval
from shared.providers.microsoft.oauth import SCOPES
from tests.support.microsoft_peer import EMAIL, TIMEOUT, Exchange, MicrosoftPeer, microsoft_party
from tests.support.microsoft_sign_in import signing_in
from tests.support.provider_peers import START, content

HOUR = timedelta(hours=1)
MODULES = Path(__file__).parents[3] / "contract" / "microsoft-graph-types" / "node_modules"
PACKAGE = "@microsoft/microsoft-graph-types"

WRONG: tuple[dict[str, Any], ...] = (
    {"showAs": "engaged"},
    {"title": "not a property of events"},
    {"body": {"contentType": "markdown", "content": ""}},
    {"start": {"dateTime": "2026-03-02T10:00:00", "zone": "UTC"}},
)


def a_copys_life() -> list[Exchange]:
    with microsoft_party() as party:
        peer = cast("MicrosoftPeer", party.peer)
        peer.add_entry("lunch", Interval(START, START + HOUR))
        peer.put(attendees=[{"emailAddress": {"address": "kay@contoso.example"}}])
        made = party.provider.create_copy(party.account, content(), timeout=TIMEOUT)
        changed = content(
            title="Renamed",
            interval=Interval(START + HOUR, START + 2 * HOUR),
            location=None,
            description="New",
        )
        party.provider.update_copy(party.account, made, changed, timeout=TIMEOUT)
        as_meeting(peer.item(made.external_id), "https://teams.example/1")
        within = Interval(START - 24 * HOUR, START + 24 * HOUR)
        party.provider.entries(party.account, within, timeout=TIMEOUT)
        party.provider.delete_copy(party.account, made, key=content().key, timeout=TIMEOUT)
        return peer.transport.exchanges


def a_connection() -> list[Exchange]:
    with signing_in() as there:
        access, _ = there.simulator.sign_ins.grant(EMAIL, SCOPES)
        there.oauth.primary_calendar(access, timeout=TIMEOUT)
        return there.transport.exchanges


def payloads(exchanges: Iterable[Exchange]) -> list[tuple[str, dict[str, Any]]]:
    """Return each JSON object sent or received, with the name of its published type."""
    found: list[tuple[str, dict[str, Any]]] = []
    for each in exchanges:
        path = each.request.url.path
        kind = "Event"
        if path.endswith(("/calendar", "/mailboxSettings")):
            kind = "Calendar" if path.endswith("/calendar") else "MailboxSettings"
        if each.sent:
            found.append((kind, each.sent))
        told = each.received or {}
        found += [(kind, item) for item in told.get("value", [told] if told else [])]
    return found


def source(found: Iterable[tuple[str, dict[str, Any]]], wrong: Iterable[dict[str, Any]]) -> str:
    """Return a module that assigns each payload to its type; annotations are of no type.

    The compiler is to complain of each wrong one, and complains where it could not.
    """
    lines = [f'import type {{ Calendar, Event, MailboxSettings }} from "{PACKAGE}";']
    for number, (kind, payload) in enumerate(found):
        plain = {name: value for name, value in payload.items() if "@odata." not in name}
        lines.append(f"export const p{number}: {kind} = {json.dumps(plain)};")
    for number, payload in enumerate(wrong):
        lines.append("// @ts-expect-error")
        lines.append(f"export const w{number}: Event = {json.dumps(payload)};")
    return "\n".join(lines)


def compiled(text: str, folder: Path) -> str:
    """Return what the compiler has against the module."""
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
    answer = subprocess.run(  # noqa: S603 - the compiler `make setup` has installed
        [node, compiler, "--project", str(folder)], capture_output=True, text=True, check=False
    )
    return answer.stdout + answer.stderr


def test_every_payload_has_its_published_type_and_a_wrong_one_would_be_noticed(
    tmp_path: Path,
) -> None:
    found = payloads([*a_copys_life(), *a_connection()])

    problems = compiled(source(found, WRONG), tmp_path)

    assert "" == problems
    assert {"Event", "Calendar", "MailboxSettings"} == {kind for kind, _ in found}
    assert 8 <= len(found)

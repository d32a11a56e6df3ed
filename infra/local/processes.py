"""Starts the servers of a local run, waits until they respond and stops them at the end."""

import contextlib
import http.client
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).parents[2]
GUARD = Path(__file__).with_name("subprocess_guard.py")
MINISTACK = ROOT / ".venv-ministack" / "bin" / "ministack"
START_SECONDS = 60
ATTEMPTS = 3
GRACE_SECONDS = 5
_POLL_SECONDS = 0.05
_TAIL_LINES = 20


class NotStarted(RuntimeError):
    """A server did not start; the message holds the end of its log."""


def free_port() -> int:
    """Return a loopback port that is free now; another process may still take it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str],
    *,
    log: Path,
    environment: Mapping[str, str] | None = None,
    grace_seconds: float = GRACE_SECONDS,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in its own process group, which ends with this block or with this process.

    Output is appended to `log`; `environment` is added to this process's own. Processes that ignore
    SIGTERM are killed after `grace_seconds`.
    """
    with log.open("ab") as output:
        guard = subprocess.Popen(  # noqa: S603 - our own commands, no shell
            [sys.executable, "-I", str(GUARD), str(grace_seconds), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
        )
    with guard:
        # On exit Popen closes the pipe, which makes the guard end the command, and waits.
        yield guard


@contextlib.contextmanager
def ministack(*, log: Path | None = None, account: str = "") -> Iterator[str]:
    """Run a local AWS on loopback and yield its endpoint URL; it stores nothing on disk.

    `account` is used for requests without an AWS signature, such as those of browsers to an API.

    Raises:
        NotStarted: when it does not respond in time.
    """
    if not MINISTACK.exists():
        raise NotStarted(f"{MINISTACK} is missing; run `make setup-local`")
    with tempfile.TemporaryDirectory() as folder:
        file = log or Path(folder) / "ministack.log"
        more = {"TMPDIR": folder, **({"MINISTACK_ACCOUNT_ID": account} if account else {})}
        with _on_free_port(lambda port: _ministack_on(port, file, more)) as port:
            yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def radicale(folder: Path, users: Mapping[str, str]) -> Iterator[str]:
    """Run a CalDAV server on loopback with these user names and passwords; yield its URL.

    It stores its files in `folder`. Each user can access /<name>/ only.

    Raises:
        NotStarted: when it does not respond in time.
    """
    with _on_free_port(lambda port: _radicale_on(port, folder, users)) as port:
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _on_free_port(
    start: Callable[[int], contextlib.AbstractContextManager[None]],
    *,
    port: Callable[[], int] = free_port,
) -> Iterator[int]:
    with contextlib.ExitStack() as stack:
        for attempt in range(1, ATTEMPTS + 1):
            chosen = port()
            try:
                stack.enter_context(start(chosen))
            except NotStarted:
                if attempt == ATTEMPTS:
                    raise
            else:
                break
        yield chosen


@contextlib.contextmanager
def _ministack_on(port: int, log: Path, more: Mapping[str, str]) -> Iterator[None]:
    # Its health response contains this name, which proves that no other process has the port.
    name = secrets.token_hex(8)
    environment = {
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_EDITION": name,
        "LOG_LEVEL": "WARNING",
        # The IoT endpoint would listen on every interface.
        "IOT_MTLS_ENABLED": "0",
        **more,
    }
    with running([str(MINISTACK)], log=log, environment=environment) as process:
        _wait(process, port, "/_ministack/health", expected=name, log=log)
        yield


@contextlib.contextmanager
def _radicale_on(port: int, folder: Path, users: Mapping[str, str]) -> Iterator[None]:
    name, log, config = secrets.token_hex(8), folder / "radicale.log", folder / "radicale.conf"
    passwords = folder / "users"
    passwords.write_text("".join(f"{user}:{password}\n" for user, password in users.items()))
    config.write_text(_radicale_config(port, realm=name, folder=folder, passwords=passwords))
    command = [sys.executable, "-m", "radicale", "--config", str(config)]
    with running(command, log=log) as process:
        _wait(process, port, "/.unknown/", expected=name, log=log)
        yield


def _radicale_config(port: int, *, realm: str, folder: Path, passwords: Path) -> str:
    return dedent(f"""\
        [server]
        hosts = 127.0.0.1:{port}
        max_connections = 100
        [auth]
        type = htpasswd
        htpasswd_filename = {passwords}
        htpasswd_encryption = plain
        realm = {realm}
        delay = 0.01
        [rights]
        type = owner_only
        [storage]
        filesystem_folder = {folder / "collections"}
        [web]
        type = none
        [logging]
        level = warning
        """)


def _wait(
    process: subprocess.Popen[bytes], port: int, path: str, *, expected: str, log: Path
) -> None:
    until = time.monotonic() + START_SECONDS
    while expected not in _response_text(port, path):
        if process.poll() is not None or time.monotonic() > until:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])
            raise NotStarted(f"the server on port {port} did not respond; its log ends:\n{tail}")
        time.sleep(_POLL_SECONDS)


def _response_text(port: int, path: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return f"{response.headers}{response.read().decode(errors='replace')}"
    except (OSError, http.client.HTTPException):
        return ""
    finally:
        connection.close()

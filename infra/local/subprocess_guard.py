"""Runs a command that must not outlive the process that started it.

A script. Its arguments are a grace period in seconds and the command; its standard input is a pipe.
When the parent closes the pipe or dies, the guard sends SIGTERM to the command's process group, and
SIGKILL after the grace period. It imports nothing from the project.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence


def main(command: Sequence[str], *, grace_seconds: float) -> int:
    """Run `command` until it ends or standard input does; return its exit status."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - the caller's command
    signal.signal(signal.SIGTERM, lambda *_: _signal(child, signal.SIGTERM))
    threading.Thread(target=_end_with_input, args=(child, grace_seconds), daemon=True).start()
    try:
        return child.wait()
    finally:
        _signal(child, signal.SIGKILL)


def _end_with_input(child: subprocess.Popen[bytes], grace_seconds: float) -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    _signal(child, signal.SIGTERM)
    try:
        child.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    # The group keeps the id of its first process, even after that process has ended.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], grace_seconds=float(sys.argv[1])))

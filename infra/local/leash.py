"""Runs a command that must not outlive whoever started it.

Started as a script with seconds of grace and the command as its arguments, and a pipe as its
standard input: once the pipe's other end is closed, by its holder or by the holder's death, the
command's whole process group is asked to end, and killed after the grace. It imports nothing of
the project.
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
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - the caller's own command
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
    # The group is named by its first process and outlives it while others are in it.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, number)


if __name__ == "__main__":
    sys.exit(main(sys.argv[2:], grace_seconds=float(sys.argv[1])))

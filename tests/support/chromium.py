"""Headless Chromium, driven through ChromeDriver with the WebDriver protocol (W3C)."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx

from infra.local.processes import free_port, running
from tests.support.waiting import until

PATIENCE_MILLISECONDS = 20_000
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's id, fixed by the protocol (section 11)."""

_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP *.test 127.0.0.1",
)


class BrowserFailed(RuntimeError):
    """ChromeDriver reported an error; the message is its own."""


@dataclass
class Profile:
    """A browser with cookies and storage of its own."""

    _client: httpx.Client = field(repr=False)
    _session: str

    def open(self, url: str) -> None:
        """Go to a page, as a user does with a link in a mail; wait until it is loaded."""
        self._command("POST", "url", {"url": url})

    @property
    def url(self) -> str:
        """The address of the page that is shown."""
        return str(self._command("GET", "url"))

    def run(self, script: str, *arguments: Any) -> Any:
        """Run an asynchronous function body in the page; `values` are the arguments."""
        call = f"return (async (...values) => {{ {script} }})(...arguments);"
        return self._command("POST", "execute/sync", {"script": call, "args": [*arguments]})

    def click(self, selector: str) -> None:
        """Click the element, once it exists, and wait for the page it leads to."""
        self._command("POST", f"element/{self._element(selector)}/click", {})

    def text(self, selector: str) -> str:
        """Return the text of the element, once it exists."""
        return str(self._command("GET", f"element/{self._element(selector)}/text"))

    def cookies(self) -> dict[str, dict[str, Any]]:
        """Return all cookies of the profile by name, those that scripts cannot read included."""
        body = {"cmd": "Storage.getCookies", "params": {}}
        cookies = self._command("POST", "goog/cdp/execute", body)["cookies"]
        return {each["name"]: each for each in cookies}

    def forget_cookies(self) -> None:
        """Delete all cookies of the profile."""
        self._command("POST", "goog/cdp/execute", {"cmd": "Storage.clearCookies", "params": {}})

    def _element(self, selector: str) -> str:
        body = {"using": "css selector", "value": selector}
        return str(self._command("POST", "element", body)[_ELEMENT])

    def _command(self, method: str, path: str, body: Any = None) -> Any:
        return _value(self._client.request(method, f"/session/{self._session}/{path}", json=body))


@dataclass
class Chromium:
    """A running ChromeDriver."""

    _client: httpx.Client
    _folder: Path

    @contextmanager
    def profile(self) -> Iterator[Profile]:
        """Start a browser with an empty profile; close it at the end of the block."""
        with TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True) as profile:
            options = {
                "binary": _program("chromium"),
                "args": [*_ARGUMENTS, f"--user-data-dir={profile}"],
            }
            capabilities = {
                "acceptInsecureCerts": True,
                "timeouts": {"implicit": PATIENCE_MILLISECONDS},
                "goog:chromeOptions": options,
            }
            body = {"capabilities": {"alwaysMatch": capabilities}}
            session = _value(self._client.post("/session", json=body))["sessionId"]
            try:
                yield Profile(self._client, session)
            finally:
                self._client.delete(f"/session/{session}")


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Run ChromeDriver for the length of the block.

    Raises:
        OSError: when it is not installed.
    """
    port = free_port()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(ignore_cleanup_errors=True)))
        command = [_program("chromedriver"), f"--port={port}"]
        stack.enter_context(running(command, log=folder / "chromedriver.log"))
        client = stack.enter_context(
            httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)
        )
        assert until(lambda: _is_ready(client)), (folder / "chromedriver.log").read_text()
        yield Chromium(client, folder)


def _program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise OSError(f"{name} is not installed: run `make system`")
    return path


def _is_ready(client: httpx.Client) -> bool:
    try:
        return bool(client.get("/status").json()["value"]["ready"])
    except httpx.TransportError:
        return False


def _value(response: httpx.Response) -> Any:
    value = response.json()["value"]
    if response.is_error:
        raise BrowserFailed(f"{value['error']}: {value['message']}")
    return value

"""What `shared/providers/apple/session.py` relies on inside requests and urllib3."""

import socket
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError


class StoppedError(Exception):
    """Ends a request before anything is sent."""


class RecordingAdapter(HTTPAdapter):
    """An adapter with the overrides of the pinned one."""

    def __init__(self) -> None:
        super().__init__(max_retries=0)
        self.steps: list[str] = []
        self.pool: Any = None

    def build_connection_pool_key_attributes(
        self, request: Any, verify: Any, cert: Any = None
    ) -> Any:
        self.steps.append("build_connection_pool_key_attributes")
        return super().build_connection_pool_key_attributes(request, verify, cert)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        self.steps.append("get_connection_with_tls_context")
        self.pool = super().get_connection_with_tls_context(*args, **kwargs)
        return self.pool

    def cert_verify(self, *_args: Any, **_kwargs: Any) -> None:
        self.steps.append("cert_verify")
        raise StoppedError


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_an_adapter_takes_its_pool_from_the_three_methods_that_are_overridden(scheme: str) -> None:
    adapter = RecordingAdapter()
    request = requests.Request("GET", f"{scheme}://dav.example.com/").prepare()

    with pytest.raises(StoppedError):
        adapter.send(request)

    assert adapter.steps == [
        "get_connection_with_tls_context",
        "build_connection_pool_key_attributes",
        "cert_verify",
    ]
    assert adapter.pool.scheme == scheme


@pytest.mark.parametrize("kind", [HTTPConnection, HTTPSConnection])
def test_a_connection_opens_its_socket_in_new_conn(kind: type[HTTPConnection]) -> None:
    class Closed(kind):  # type: ignore[misc, valid-type]  # the class is a parameter
        def _new_conn(self) -> socket.socket:
            raise NewConnectionError(self, "closed by the test")

    with pytest.raises(NewConnectionError, match="closed by the test"):
        Closed("dav.example.com").connect()


def test_a_pool_makes_its_connections_with_its_connection_class() -> None:
    adapter = RecordingAdapter()
    request = requests.Request("GET", "https://dav.example.com/").prepare()
    with pytest.raises(StoppedError):
        adapter.send(request)

    made: list[tuple[Any, ...]] = []

    def stopping(*args: Any, **kwargs: Any) -> Any:
        made.append((args, kwargs))
        raise StoppedError

    adapter.pool.ConnectionCls = stopping

    with pytest.raises(StoppedError):
        adapter.pool.urlopen("GET", "/")
    assert made


def test_a_response_returns_the_body_that_was_assigned_to_it() -> None:
    response = requests.Response()

    response._content = b"bounded"

    assert (response.content, response.text) == (b"bounded", "bounded")

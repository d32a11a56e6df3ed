"""A hostile server, resolver or setting cannot make the service connect elsewhere."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from shared.domain.copy import CopyRef
from shared.domain.errors import (
    ProviderRejected,
    ProviderUnavailable,
    ProviderUnreachable,
    ServerUrlNotAllowed,
)
from shared.domain.interval import Interval
from shared.ports import FoundCalendar
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from tests.support import icloud_simulator
from tests.support.loopback_http import (
    ReceivedRequest,
    loopback_server,
    read_request,
    send_response,
)
from tests.support.provider_cases import START, ProviderCase, apple_account, content

TIMEOUT = timedelta(seconds=5)
SHORT = timedelta(milliseconds=300)
DAY = Interval(START, START + timedelta(days=1))


class ScriptedResolver:
    """Returns the next of its results on each call, and then always the last one."""

    def __init__(self, *results: Sequence[str]) -> None:
        self.results = list(results)
        self.lookups: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.lookups.append(f"{host}:{port}")
        return self.results.pop(0) if len(self.results) > 1 else self.results[0]


@contextmanager
def recording_server(
    status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[ReceivedRequest]]]:
    """Return the same response to every request; yield the URL and the received requests."""
    requests: list[ReceivedRequest] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        requests.append(read_request(handler))
        send_response(handler, status, headers or {}, b"")

    with loopback_server(serve) as url:
        yield url, requests


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def discover(provider: CaldavProvider, url: str) -> FoundCalendar:
    return provider.discover(
        url, icloud_simulator.USERNAME, icloud_simulator.PASSWORD, timeout=TIMEOUT
    )


NOT_PUBLIC = ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.8", "64:ff9b::7f00:1", "::ffff:7f00:1"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_resolves_to_an_internal_address_is_rejected(address: str) -> None:
    resolver = ScriptedResolver([address])

    with pytest.raises(ServerUrlNotAllowed):
        discover(CaldavProvider(resolver=resolver), "https://dav.example.com/")

    expected = ["dav.example.com:443"]
    assert expected == resolver.lookups


def test_one_internal_address_among_public_ones_is_rejected() -> None:
    resolver = ScriptedResolver(["17.248.145.10", "127.0.0.1"])

    with pytest.raises(ServerUrlNotAllowed):
        discover(CaldavProvider(resolver=resolver), "https://dav.example.com/")


def test_a_stored_calendar_whose_name_now_resolves_to_an_internal_address_is_rejected() -> None:
    account = apple_account("https://dav.example.com/cal/", Credentials("kim", "secret"))
    provider = CaldavProvider(resolver=ScriptedResolver(["127.0.0.1"]))

    with pytest.raises(ProviderRejected):
        provider.entries(account, DAY, timeout=TIMEOUT)


def test_each_connection_resolves_its_name_once() -> None:
    with icloud_simulator.serve_icloud() as (url, simulator):
        port = port_of(url)
        resolver = ScriptedResolver(["127.0.0.1"], ["127.0.0.2"])
        provider = CaldavProvider([f"dav.example.com:{port}"], resolver=resolver)

        discover(provider, f"http://dav.example.com:{port}/")

        expected = [f"dav.example.com:{port}"]
        assert expected == resolver.lookups
        assert set(expected) == {each.headers["host"] for each in simulator.requests}


def test_an_unknown_host_name_is_unreachable() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(f"no such name: {host}:{port}")

    with pytest.raises(ProviderUnreachable):
        discover(CaldavProvider(resolver=unknown), "https://dav.example.com/")


def test_a_resolver_that_hangs_is_abandoned_at_the_timeout() -> None:
    release = threading.Event()

    def hanging(host: str, port: int) -> Sequence[str]:
        release.wait(30)
        raise OSError(f"{host}:{port}")

    account = apple_account("https://dav.example.com/cal/", Credentials("kim", "secret"))
    try:
        with pytest.raises(ProviderUnavailable) as caught:
            CaldavProvider(resolver=hanging).create_copy(account, content(), timeout=SHORT)
        assert not caught.value.unsettled
    finally:
        release.set()


def call(provider: CaldavProvider, name: str, url: str) -> None:
    account = apple_account(f"{url}/cal/", Credentials("kim", "secret"))
    ref = CopyRef(f"{url}/cal/{content().key}.ics")
    match name:
        case "entries":
            provider.entries(account, DAY, timeout=TIMEOUT)
        case "create":
            provider.create_copy(account, content(), timeout=TIMEOUT)
        case "update":
            provider.update_copy(account, ref, content(), timeout=TIMEOUT)
        case "delete":
            provider.delete_copy(account, ref, key=content().key, timeout=TIMEOUT)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("name", ["entries", "create", "update", "delete"])
def test_a_redirect_is_never_followed(status: int, name: str) -> None:
    with (
        recording_server() as (foreign, foreign_requests),
        recording_server(status, {"Location": f"{foreign}/cal/"}) as (url, own_requests),
    ):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ProviderRejected):
            call(provider, name, url)

        assert not foreign_requests
        assert len(own_requests) == 1


def test_a_redirect_during_discovery_is_rejected() -> None:
    with (
        recording_server() as (foreign, foreign_requests),
        recording_server(302, {"Location": f"{foreign}/"}) as (url, _),
    ):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ServerUrlNotAllowed):
            discover(provider, url)

        assert not foreign_requests


@pytest.mark.parametrize("what", ["home_href", "principal_href"])
def test_credentials_are_never_sent_to_another_server(what: str) -> None:
    with (
        recording_server() as (foreign, foreign_requests),
        icloud_simulator.serve_icloud() as (url, simulator),
    ):
        setattr(simulator, what, f"{foreign}/1234567/")
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ServerUrlNotAllowed):
            discover(provider, url)

        assert not foreign_requests


def test_a_stored_copy_on_another_server_gets_no_request() -> None:
    with (
        recording_server() as (foreign, foreign_requests),
        icloud_simulator.serve_icloud() as (url, simulator),
    ):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])
        account = apple_account(f"{url}{icloud_simulator.CALENDAR}", Credentials("kim", "secret"))

        with pytest.raises(ProviderRejected):
            provider.update_copy(account, CopyRef(f"{foreign}/x.ics"), content(), timeout=TIMEOUT)

        assert not foreign_requests
        assert not simulator.requests


def test_proxies_in_the_environment_are_ignored(
    icloud_case: ProviderCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording_server() as (proxy, requests):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("ALL_PROXY", proxy)

        result = icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)

    assert not result
    assert not requests


def test_an_unreachable_first_address_leaves_time_for_the_next() -> None:
    with icloud_simulator.serve_icloud() as (url, _):
        port = port_of(url)
        resolver = ScriptedResolver(["::1", "127.0.0.1"])
        provider = CaldavProvider([f"dav.example.com:{port}"], resolver=resolver)

        result = discover(provider, f"http://dav.example.com:{port}/")

    assert result.calendar_id.endswith(icloud_simulator.CALENDAR)


def test_a_server_that_is_down_can_be_retried() -> None:
    with recording_server() as (url, _):
        pass
    provider = CaldavProvider([urlsplit(url).netloc])

    with pytest.raises(ProviderUnavailable) as caught:
        call(provider, "create", url)

    assert not caught.value.unsettled

"""Where a hostile server, resolver or setting can lead the service: nowhere else."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest

from shared.domain.copy import CopyRef
from shared.domain.errors import (
    ProviderRefused,
    ProviderUnavailable,
    ProviderUnreachable,
    ServerUrlNotAllowed,
)
from shared.domain.interval import Interval
from shared.ports import FoundCalendar
from shared.providers.apple.client import CaldavProvider
from shared.providers.apple.credentials import Credentials
from tests.support import icloudish
from tests.support.loopback_http import Seen, received, reply, serving
from tests.support.provider_peers import START, Party, apple_account, content

TIMEOUT = timedelta(seconds=5)
SHORT = timedelta(milliseconds=300)
DAY = Interval(START, START + timedelta(days=1))


class Resolver:
    """Answers each question with the next of its answers, then with the last one for ever."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(f"{host}:{port}")
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def recording(
    status: int = 200, headers: dict[str, str] | None = None
) -> Iterator[tuple[str, list[Seen]]]:
    """Serve one answer to everything and yield the URL and what was asked."""
    seen: list[Seen] = []

    def serve(handler: BaseHTTPRequestHandler) -> None:
        seen.append(received(handler))
        reply(handler, status, headers or {}, b"")

    with serving(serve) as url:
        yield url, seen


def port_of(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port


def discover(provider: CaldavProvider, url: str) -> FoundCalendar:
    return provider.discover(url, icloudish.USERNAME, icloudish.PASSWORD, timeout=TIMEOUT)


NOT_PUBLIC = ["127.0.0.1", "::1", "169.254.169.254", "10.0.0.8", "64:ff9b::7f00:1", "::ffff:7f00:1"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_inside_is_not_connected_to(address: str) -> None:
    resolver = Resolver([address])

    with pytest.raises(ServerUrlNotAllowed):
        discover(CaldavProvider(resolver=resolver), "https://dav.example.com/")

    expected = ["dav.example.com:443"]
    assert expected == resolver.asked


def test_one_inside_address_among_public_ones_is_enough_to_refuse() -> None:
    resolver = Resolver(["17.248.145.10", "127.0.0.1"])

    with pytest.raises(ServerUrlNotAllowed):
        discover(CaldavProvider(resolver=resolver), "https://dav.example.com/")


def test_a_stored_calendar_whose_name_leads_inside_by_now_is_refused() -> None:
    account = apple_account("https://dav.example.com/cal/", Credentials("kim", "secret"))
    provider = CaldavProvider(resolver=Resolver(["127.0.0.1"]))

    with pytest.raises(ProviderRefused):
        provider.entries(account, DAY, timeout=TIMEOUT)


def test_a_resolver_that_changes_its_answer_is_asked_once_for_each_connection() -> None:
    with icloudish.icloudish() as (url, state):
        port = port_of(url)
        resolver = Resolver(["127.0.0.1"], ["127.0.0.2"])
        provider = CaldavProvider([f"dav.example.com:{port}"], resolver=resolver)

        discover(provider, f"http://dav.example.com:{port}/")

        expected = [f"dav.example.com:{port}"]
        assert expected == resolver.asked
        assert set(expected) == {each.headers["host"] for each in state.seen}


def test_a_name_nobody_knows_is_unreachable() -> None:
    def unknown(host: str, port: int) -> Sequence[str]:
        raise OSError(f"no such name: {host}:{port}")

    with pytest.raises(ProviderUnreachable):
        discover(CaldavProvider(resolver=unknown), "https://dav.example.com/")


def test_a_resolver_that_hangs_costs_no_more_than_the_timeout() -> None:
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
        recording() as (foreign, elsewhere),
        recording(status, {"Location": f"{foreign}/cal/"}) as (url, here),
    ):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ProviderRefused):
            call(provider, name, url)

        assert not elsewhere
        assert len(here) == 1


def test_a_redirect_on_discovery_is_refused() -> None:
    with (
        recording() as (foreign, elsewhere),
        recording(302, {"Location": f"{foreign}/"}) as (url, _),
    ):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ServerUrlNotAllowed):
            discover(provider, url)

        assert not elsewhere


@pytest.mark.parametrize("what", ["home_href", "principal_href"])
def test_credentials_do_not_follow_to_another_server(what: str) -> None:
    with recording() as (foreign, elsewhere), icloudish.icloudish() as (url, state):
        setattr(state, what, f"{foreign}/1234567/")
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])

        with pytest.raises(ServerUrlNotAllowed):
            discover(provider, url)

        assert not elsewhere


def test_a_stored_copy_on_another_server_is_not_asked_for() -> None:
    with recording() as (foreign, elsewhere), icloudish.icloudish() as (url, state):
        provider = CaldavProvider([urlsplit(each).netloc for each in (url, foreign)])
        account = apple_account(f"{url}{icloudish.CALENDAR}", Credentials("kim", "secret"))

        with pytest.raises(ProviderRefused):
            provider.update_copy(account, CopyRef(f"{foreign}/x.ics"), content(), timeout=TIMEOUT)

        assert not elsewhere
        assert not state.seen


def test_settings_of_the_environment_change_nothing(
    icloudish_party: Party, monkeypatch: pytest.MonkeyPatch
) -> None:
    with recording() as (proxy, seen):
        monkeypatch.setenv("HTTP_PROXY", proxy)
        monkeypatch.setenv("ALL_PROXY", proxy)

        found = icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)

    assert not found
    assert not seen


def test_a_dead_first_address_leaves_time_for_the_next() -> None:
    with icloudish.icloudish() as (url, _):
        port = port_of(url)
        resolver = Resolver(["::1", "127.0.0.1"])
        provider = CaldavProvider([f"dav.example.com:{port}"], resolver=resolver)

        found = discover(provider, f"http://dav.example.com:{port}/")

    assert found.calendar_id.endswith(icloudish.CALENDAR)


def test_a_server_that_is_down_may_be_up_later() -> None:
    with recording() as (url, _):
        pass
    provider = CaldavProvider([urlsplit(url).netloc])

    with pytest.raises(ProviderUnavailable) as caught:
        call(provider, "create", url)

    assert not caught.value.unsettled

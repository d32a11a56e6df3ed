"""What a hostile or broken server's answers can make the service do: nothing."""

import gzip
from datetime import timedelta

import pytest

from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.domain.interval import Interval
from shared.providers.apple.client import CaldavProvider
from tests.support import icloudish
from tests.support.loopback_http import Fault
from tests.support.provider_peers import START, Party

TIMEOUT = timedelta(seconds=5)
SHORT = timedelta(milliseconds=300)
DAY = Interval(START, START + timedelta(days=1))


def test_an_answer_over_the_bound_is_not_read_to_its_end(icloudish_party: Party) -> None:
    state = icloudish_party.peer.state  # type: ignore[attr-defined]  # the simulator's peer
    state.fail_next(Fault(207, {"Content-Type": "text/xml"}, b" " * 5_000_001))

    with pytest.raises(CalendarTooLarge):
        icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)


def test_a_small_answer_that_unpacks_to_a_large_one_is_not_unpacked(icloudish_party: Party) -> None:
    state = icloudish_party.peer.state  # type: ignore[attr-defined]  # the simulator's peer
    headers = {"Content-Type": "text/xml", "Content-Encoding": "gzip"}
    state.fail_next(Fault(207, headers, gzip.compress(b" " * 50_000_000)))

    with pytest.raises(CalendarTooLarge):
        icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)


def test_a_server_that_drips_is_hung_up_on(icloudish_party: Party) -> None:
    state = icloudish_party.peer.state  # type: ignore[attr-defined]  # the simulator's peer
    state.fail_next(Fault(drip=True))

    with pytest.raises(ProviderUnavailable):
        icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=SHORT)


def test_entities_in_an_answer_are_not_expanded(icloudish_party: Party) -> None:
    state = icloudish_party.peer.state  # type: ignore[attr-defined]  # the simulator's peer
    body = (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b'<multistatus xmlns="DAV:"><response><href>/&e;</href></response></multistatus>'
    )
    state.fail_next(Fault(207, {"Content-Type": "text/xml"}, body))

    with pytest.raises(ProviderUnavailable):
        icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)


def test_a_package_told_to_dump_traffic_is_not_started() -> None:
    with pytest.raises(ValueError, match="PYTHON_CALDAV_COMMDUMP"):
        CaldavProvider(traffic_dump="1")


def test_what_was_said_reaches_no_log(
    icloudish_party: Party, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    icloudish_party.peer.add_entry("doctor", DAY)
    state = icloudish_party.peer.state  # type: ignore[attr-defined]  # the simulator's peer
    icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)
    state.fail_next(Fault(207, {"Content-Type": "text/xml"}, b"<x>doctor"))
    with pytest.raises(ProviderUnavailable):
        icloudish_party.provider.entries(icloudish_party.account, DAY, timeout=TIMEOUT)

    said = ["doctor", icloudish.PASSWORD, "Basic "]
    assert not [word for word in said if word in caplog.text]

"""Responses of a hostile or broken server are rejected without harm."""

import gzip
from datetime import timedelta

import pytest

from shared.domain.errors import CalendarTooLarge, ProviderUnavailable
from shared.domain.interval import Interval
from shared.providers.apple.client import CaldavProvider
from tests.support import icloud_simulator
from tests.support.loopback_http import ServerFault
from tests.support.provider_cases import START, ProviderCase

TIMEOUT = timedelta(seconds=5)
SHORT = timedelta(milliseconds=300)
DAY = Interval(START, START + timedelta(days=1))


def test_a_response_over_the_limit_is_not_read_to_its_end(icloud_case: ProviderCase) -> None:
    simulator = icloud_case.server.simulator  # type: ignore[attr-defined]  # a field of IcloudTestServer
    simulator.fail_next(ServerFault(207, {"Content-Type": "text/xml"}, b" " * 5_000_001))

    with pytest.raises(CalendarTooLarge):
        icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)


def test_a_compression_bomb_is_not_decompressed(
    icloud_case: ProviderCase,
) -> None:
    simulator = icloud_case.server.simulator  # type: ignore[attr-defined]  # a field of IcloudTestServer
    headers = {"Content-Type": "text/xml", "Content-Encoding": "gzip"}
    simulator.fail_next(ServerFault(207, headers, gzip.compress(b" " * 50_000_000)))

    with pytest.raises(CalendarTooLarge):
        icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)


def test_a_slow_response_is_abandoned_at_the_deadline(icloud_case: ProviderCase) -> None:
    simulator = icloud_case.server.simulator  # type: ignore[attr-defined]  # a field of IcloudTestServer
    simulator.fail_next(ServerFault(drip=True))

    with pytest.raises(ProviderUnavailable):
        icloud_case.provider.entries(icloud_case.account, DAY, timeout=SHORT)


def test_xml_entities_are_not_expanded(icloud_case: ProviderCase) -> None:
    simulator = icloud_case.server.simulator  # type: ignore[attr-defined]  # a field of IcloudTestServer
    body = (
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
        b'<multistatus xmlns="DAV:"><response><href>/&e;</href></response></multistatus>'
    )
    simulator.fail_next(ServerFault(207, {"Content-Type": "text/xml"}, body))

    with pytest.raises(ProviderUnavailable):
        icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)


def test_a_traffic_dump_setting_is_rejected() -> None:
    with pytest.raises(ValueError, match="PYTHON_CALDAV_COMMDUMP"):
        CaldavProvider(traffic_dump="1")


def test_requests_and_responses_are_not_logged(
    icloud_case: ProviderCase, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    icloud_case.server.add_entry("doctor", DAY)
    simulator = icloud_case.server.simulator  # type: ignore[attr-defined]  # a field of IcloudTestServer
    icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)
    simulator.fail_next(ServerFault(207, {"Content-Type": "text/xml"}, b"<x>doctor"))
    with pytest.raises(ProviderUnavailable):
        icloud_case.provider.entries(icloud_case.account, DAY, timeout=TIMEOUT)

    private = ["doctor", icloud_simulator.PASSWORD, "Basic "]
    assert not [word for word in private if word in caplog.text]

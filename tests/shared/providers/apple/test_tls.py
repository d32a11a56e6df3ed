import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from shared.domain.errors import ProviderUnreachable
from shared.providers.apple.client import CaldavProvider
from shared.providers.tls import tls_context
from tests.support import icloud_simulator
from tests.support.certificates import self_signed

NAME = "dav.example.com"
TIMEOUT = timedelta(seconds=5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for NAME and its key."""
    return self_signed(NAME, tmp_path_factory.mktemp("tls"))


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    with icloud_simulator.serve_icloud(certificate=certificate) as (url, _):
        port_number = urlsplit(url).port
        assert port_number is not None
        yield port_number


def provider(port: int, tls: ssl.SSLContext) -> CaldavProvider:
    hosts = [f"{NAME}:{port}", f"other.example.com:{port}"]
    return CaldavProvider(hosts, resolver=lambda _host, _port: ["127.0.0.1"], tls=tls)


def test_the_host_name_is_verified_on_the_pinned_connection(port: int, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))

    port_number = provider(port, tls).discover(
        f"https://{NAME}:{port}/",
        icloud_simulator.USERNAME,
        icloud_simulator.PASSWORD,
        timeout=TIMEOUT,
    )

    assert f"https://{NAME}:{port}{icloud_simulator.CALENDAR}" == port_number.calendar_id


def test_a_certificate_for_another_name_is_rejected(port: int, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))

    with pytest.raises(ProviderUnreachable):
        provider(port, tls).discover(
            f"https://other.example.com:{port}/", "kim", "secret", timeout=TIMEOUT
        )


def test_an_untrusted_certificate_is_rejected(port: int) -> None:
    with pytest.raises(ProviderUnreachable):
        provider(port, tls_context()).discover(
            f"https://{NAME}:{port}/", "kim", "secret", timeout=TIMEOUT
        )


def test_the_tls_context_is_created_once() -> None:
    assert tls_context() is tls_context()

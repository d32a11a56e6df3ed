import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from shared.domain.errors import ProviderUnreachable
from shared.providers.apple.client import CaldavProvider
from shared.providers.tls import tls_context
from tests.support import icloud_simulator

NAME = "dav.example.com"
TIMEOUT = timedelta(seconds=5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a self-signed certificate for NAME and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate_object = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(secret + certificate_object.public_bytes(serialization.Encoding.PEM))
    return file


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

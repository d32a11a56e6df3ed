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
from tests.support import icloudish

NAME = "dav.example.com"
TIMEOUT = timedelta(seconds=5)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for NAME that signs itself, and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
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
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.fixture
def port(certificate: Path) -> Iterator[int]:
    with icloudish.icloudish(certificate=certificate) as (url, _):
        found = urlsplit(url).port
        assert found is not None
        yield found


def provider(port: int, tls: ssl.SSLContext) -> CaldavProvider:
    hosts = [f"{NAME}:{port}", f"other.example.com:{port}"]
    return CaldavProvider(hosts, resolver=lambda _host, _port: ["127.0.0.1"], tls=tls)


def test_the_name_is_checked_on_the_pinned_connection(port: int, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))

    found = provider(port, tls).discover(
        f"https://{NAME}:{port}/", icloudish.USERNAME, icloudish.PASSWORD, timeout=TIMEOUT
    )

    assert f"https://{NAME}:{port}{icloudish.CALENDAR}" == found.calendar_id


def test_a_certificate_of_another_name_is_refused(port: int, certificate: Path) -> None:
    tls = ssl.create_default_context(cafile=str(certificate))

    with pytest.raises(ProviderUnreachable):
        provider(port, tls).discover(
            f"https://other.example.com:{port}/", "kim", "secret", timeout=TIMEOUT
        )


def test_a_certificate_nobody_vouches_for_is_refused(port: int) -> None:
    with pytest.raises(ProviderUnreachable):
        provider(port, tls_context()).discover(
            f"https://{NAME}:{port}/", "kim", "secret", timeout=TIMEOUT
        )


def test_the_context_is_made_once() -> None:
    assert tls_context() is tls_context()

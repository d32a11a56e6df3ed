import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from shared.aws.clients import Clients


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> Clients:
    """Clients with an endpoint on which no server listens."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000001")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    return Clients()


def test_endpoint_and_region_come_from_the_environment(clients: Clients) -> None:
    meta = clients.sqs.meta

    assert (meta.endpoint_url, meta.region_name) == ("http://127.0.0.1:9", "eu-west-1")


def test_time_outs_are_short_and_attempts_few(clients: Clients) -> None:
    config: Any = clients.secrets.meta.config

    assert (config.connect_timeout, config.read_timeout) == (1, 3)
    assert config.retries == {"total_max_attempts": 3, "mode": "standard"}


def test_the_ses_client_does_not_retry(clients: Clients) -> None:
    config: Any = clients.get("sesv2").meta.config

    assert (1, 10, 50) == (
        config.connect_timeout,
        config.read_timeout,
        config.max_pool_connections,
    )
    assert {"total_max_attempts": 1, "mode": "standard"} == config.retries


def test_concurrent_threads_share_one_client(clients: Clients) -> None:
    with ThreadPoolExecutor(8) as pool:
        created = list(pool.map(clients.get, ["sqs"] * 16))

    assert len({id(each) for each in created}) == 1


def test_boto3_is_not_loaded() -> None:
    code = (
        "import sys; from shared.aws.clients import Clients\n"
        "Clients().session\n"
        "print([m for m in ('boto3', 's3transfer') if m in sys.modules])"
    )

    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"

import logging
import subprocess
import sys

import pytest

from shared.aws.clients import Clients
from shared.aws.encryption import DecryptionFailed, EncryptionFailed, KmsVault
from tests.support.aws import Aws

pytestmark = pytest.mark.long

SECRET = "refresh-token-äöü-1"


@pytest.fixture
def vault(moto_aws: Aws) -> KmsVault:
    """A vault with a key in simulated KMS."""
    return KmsVault(moto_aws.environment["TOKEN_KEY_ID"], Clients())


@pytest.mark.parametrize("plaintext", [SECRET, "", "x" * 20_000], ids=["token", "empty", "long"])
def test_ciphertext_opens_for_the_same_user_and_connection(vault: KmsVault, plaintext: str) -> None:
    sealed = vault.seal(plaintext, user_id="u", connection_id="c")

    assert plaintext == vault.open(sealed, user_id="u", connection_id="c")


def test_ciphertext_does_not_show_the_plaintext_and_differs_each_time(vault: KmsVault) -> None:
    first = vault.seal(SECRET, user_id="u", connection_id="c")
    second = vault.seal(SECRET, user_id="u", connection_id="c")

    assert SECRET.encode() not in first
    assert first != second


@pytest.mark.parametrize(
    ("user_id", "connection_id"), [("u", "other"), ("other", "c"), ("c", "u"), ("", "")]
)
def test_ciphertext_moved_to_another_row_does_not_open(
    vault: KmsVault, user_id: str, connection_id: str
) -> None:
    sealed = vault.seal(SECRET, user_id="u", connection_id="c")

    with pytest.raises(DecryptionFailed) as caught:
        vault.open(sealed, user_id=user_id, connection_id=connection_id)

    assert SECRET not in str(caught.value)


def test_two_connections_of_one_user_cannot_swap_credentials(vault: KmsVault) -> None:
    first = vault.seal("first", user_id="u", connection_id="c-1")
    second = vault.seal("second", user_id="u", connection_id="c-2")

    with pytest.raises(DecryptionFailed):
        vault.open(first, user_id="u", connection_id="c-2")
    with pytest.raises(DecryptionFailed):
        vault.open(second, user_id="u", connection_id="c-1")


@pytest.mark.parametrize("at", [0, 1, 40, -1])
def test_changed_ciphertext_does_not_open(vault: KmsVault, at: int) -> None:
    changed = bytearray(vault.seal(SECRET, user_id="u", connection_id="c"))
    changed[at] ^= 1

    with pytest.raises(DecryptionFailed):
        vault.open(bytes(changed), user_id="u", connection_id="c")


@pytest.mark.parametrize("garbage", [b"", b"\x02", b"not ciphertext at all"])
def test_garbage_does_not_open(vault: KmsVault, garbage: bytes) -> None:
    with pytest.raises(DecryptionFailed):
        vault.open(garbage, user_id="u", connection_id="c")


def test_the_key_of_another_stack_opens_nothing(vault: KmsVault, moto_aws: Aws) -> None:
    sealed = vault.seal(SECRET, user_id="u", connection_id="c")
    arn = moto_aws.environment["TOKEN_KEY_ID"]
    other = KmsVault(arn[:-4] + "0000", Clients())

    with pytest.raises(DecryptionFailed):
        other.open(sealed, user_id="u", connection_id="c")


def test_a_missing_key_seals_nothing_and_the_error_does_not_contain_the_secret(
    vault: KmsVault, moto_aws: Aws, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    other = KmsVault(moto_aws.environment["TOKEN_KEY_ID"][:-4] + "0000", Clients())

    with pytest.raises(EncryptionFailed, match="kms:GenerateDataKey") as caught:
        other.seal(SECRET, user_id="u", connection_id="c")

    assert SECRET not in f"{caught.value!r}{caplog.text}{other!r}{vault!r}"


def test_no_log_at_any_level_shows_the_plaintext(
    vault: KmsVault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    ascii_secret = "refresh-token-1"

    sealed = vault.seal(ascii_secret, user_id="u", connection_id="c")
    vault.open(sealed, user_id="u", connection_id="c")

    assert ascii_secret not in caplog.text


def test_the_encryption_sdk_loads_only_when_a_credential_is_sealed_or_opened() -> None:
    code = (
        "import sys; from shared.aws.clients import Clients\n"
        "from shared.aws.encryption import KmsVault\n"
        "from shared.aws.queue import SqsSyncQueue; from shared.aws.secrets import SecretValues\n"
        "KmsVault('arn:aws:kms:eu-central-1:1:key/k', Clients())\n"
        "print([m for m in ('aws_encryption_sdk', 'boto3', 'cryptography') if m in sys.modules])"
    )

    run = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"

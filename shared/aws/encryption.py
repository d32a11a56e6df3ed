"""Envelope encryption of credentials with the AWS Encryption SDK, bound to their owner.

The SDK is loaded on first use: it imports boto3, and most functions never decrypt a credential.
"""

import threading
from typing import Any

from typing_extensions import override

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError
from shared.ports import Vault

CONTEXT_KEYS = ("user_id", "connection_id")
"""The keys of the KMS encryption context, which binds a credential to its owner."""


class DecryptionFailed(CalendarServiceError):
    """The ciphertext belongs to another user or connection, or KMS did not decrypt it."""


class EncryptionFailed(CalendarServiceError):
    """KMS returned no data key for a new credential."""


class KmsVault(Vault):
    """Encryption with one KMS key, named by its ARN.

    The algorithm is AES-256-GCM with key derivation and key commitment, without the SDK's
    signature: every function that may decrypt credentials may encrypt them too.
    """

    def __init__(self, key_id: str, clients: Clients) -> None:
        self._key_id = key_id
        self._clients = clients
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"KmsVault({self._key_id})"

    @override
    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Encrypt the plaintext with a new data key.

        Raises:
            EncryptionFailed: when KMS rejects the request or does not respond.
        """
        sdk, keys = self._sdk()
        try:
            sealed, _ = sdk.encrypt(
                source=plaintext.encode(),
                key_provider=keys,
                encryption_context=_context(user_id, connection_id),
                algorithm=_algorithm(),
            )
        except _failures():
            # A traceback prints chained causes, and the SDK's message may contain anything.
            raise EncryptionFailed(
                f"KMS returned no data key for connection {connection_id}; check that the function "
                f"may call kms:GenerateDataKey on {self._key_id}"
            ) from None
        return bytes(sealed)

    @override
    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Decrypt the ciphertext and check its encryption context.

        Raises:
            DecryptionFailed: when the ciphertext was encrypted for another user or connection or
                was modified, or when KMS rejects the request or does not respond.
        """
        sdk, keys = self._sdk()
        stream = sdk.stream(mode="decrypt", source=ciphertext, key_provider=keys)
        try:
            plaintext, header = stream.read(), stream.header
        except _failures():
            raise _decryption_failed(connection_id) from None
        finally:
            # Without a footer close() raises, and Python 3.13 prints that when it frees the stream.
            stream.footer = None
            stream.close()
        if header.encryption_context != _context(user_id, connection_id):
            raise _decryption_failed(connection_id)
        return bytes(plaintext).decode()

    def _sdk(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._key_id, self._clients)
            return self._loaded


def _load(key_id: str, clients: Clients) -> tuple[Any, Any]:
    import aws_encryption_sdk as sdk  # noqa: PLC0415 - loaded on first use, see above

    client = sdk.EncryptionSDKClient(
        commitment_policy=sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
        max_encrypted_data_keys=1,
    )
    keys = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key_id], botocore_session=clients.session)
    return client, keys


def _algorithm() -> Any:
    from aws_encryption_sdk import Algorithm  # noqa: PLC0415 - loaded on first use

    return Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY


def _failures() -> tuple[type[Exception], ...]:
    from aws_encryption_sdk.exceptions import (  # noqa: PLC0415 - loaded on first use
        AWSEncryptionSDKClientError,
    )
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - with the import above
    from cryptography.exceptions import (  # noqa: PLC0415 - loaded on first use
        InvalidSignature,
        InvalidTag,
    )

    return AWSEncryptionSDKClientError, BotoCoreError, InvalidSignature, InvalidTag


def _context(user_id: str, connection_id: str) -> dict[str, str]:
    return dict(zip(CONTEXT_KEYS, (user_id, connection_id), strict=True))


def _decryption_failed(connection_id: str) -> DecryptionFailed:
    return DecryptionFailed(
        f"the credential of connection {connection_id} cannot be decrypted for its user; check "
        "that the row was not copied and that the function may call kms:Decrypt"
    )

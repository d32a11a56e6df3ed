"""Envelope encryption of credentials by the AWS Encryption SDK, bound to their owner.

The SDK is loaded when something is first sealed or opened: it brings boto3's layer with it, and
most functions never open a credential.
"""

import threading
from typing import Any

from shared.aws.clients import Clients
from shared.domain.errors import CalendarServiceError

CONTEXT_KEYS = ("user_id", "connection_id")
"""What a credential is bound to; the keys of KMS's encryption context."""


class CredentialNotOpened(CalendarServiceError):
    """The ciphertext is not one of this user and connection, or KMS would not open it."""


class CredentialNotSealed(CalendarServiceError):
    """KMS gave no data key for a new credential."""


class KmsVault:
    """Fills `Vault` with one KMS key, named by its ARN.

    Algorithm: AES-256-GCM with key derivation and commitment. Without the SDK's signature: whoever
    may open a credential here may seal one too.
    """

    def __init__(self, key_id: str, clients: Clients) -> None:
        self._key_id = key_id
        self._clients = clients
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    def __repr__(self) -> str:
        return f"KmsVault({self._key_id})"

    def seal(self, plaintext: str, *, user_id: str, connection_id: str) -> bytes:
        """Return ciphertext that opens only for the same user and connection.

        Raises:
            CredentialNotSealed: when KMS refused or did not answer.
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
            # A chained cause would be printed with whatever the SDK put into it.
            raise CredentialNotSealed(
                f"no data key for connection {connection_id}; check that the function may call "
                f"kms:GenerateDataKey on {self._key_id}"
            ) from None
        return bytes(sealed)

    def open(self, ciphertext: bytes, *, user_id: str, connection_id: str) -> str:
        """Return the plaintext; it must not be logged or stored.

        Raises:
            CredentialNotOpened: when the ciphertext is not one sealed for this user and
                connection, was changed, or KMS refused or did not answer.
        """
        sdk, keys = self._sdk()
        try:
            plaintext, header = sdk.decrypt(source=ciphertext, key_provider=keys)
        except _failures():
            raise _not_opened(connection_id) from None
        if header.encryption_context != _context(user_id, connection_id):
            raise _not_opened(connection_id)
        return bytes(plaintext).decode()

    def _sdk(self) -> tuple[Any, Any]:
        with self._lock:
            if self._loaded is None:
                self._loaded = _load(self._key_id, self._clients)
            return self._loaded


def _load(key_id: str, clients: Clients) -> tuple[Any, Any]:
    import aws_encryption_sdk as sdk  # noqa: PLC0415 - loaded when first needed, see above

    client = sdk.EncryptionSDKClient(
        commitment_policy=sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
        max_encrypted_data_keys=1,
    )
    keys = sdk.StrictAwsKmsMasterKeyProvider(key_ids=[key_id], botocore_session=clients.session)
    return client, keys


def _algorithm() -> Any:
    from aws_encryption_sdk import Algorithm  # noqa: PLC0415 - loaded when first needed

    return Algorithm.AES_256_GCM_HKDF_SHA512_COMMIT_KEY


def _failures() -> tuple[type[Exception], ...]:
    from aws_encryption_sdk.exceptions import (  # noqa: PLC0415 - loaded when first needed
        AWSEncryptionSDKClientError,
    )
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - beside the import above
    from cryptography.exceptions import (  # noqa: PLC0415 - loaded when first needed
        InvalidSignature,
        InvalidTag,
    )

    return AWSEncryptionSDKClientError, BotoCoreError, InvalidSignature, InvalidTag


def _context(user_id: str, connection_id: str) -> dict[str, str]:
    return dict(zip(CONTEXT_KEYS, (user_id, connection_id), strict=True))


def _not_opened(connection_id: str) -> CredentialNotOpened:
    return CredentialNotOpened(
        f"the credential of connection {connection_id} does not open for its user; check that the "
        "row was not copied and that the function may call kms:Decrypt"
    )

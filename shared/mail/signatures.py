"""Verification that an HTTP message comes from one of our SNS topics."""

import base64
import binascii
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from shared.domain.errors import SignatureInvalid
from shared.mail.sns import (
    SnsMessage,
    certificate_url,
    check_fresh,
    check_topic,
    sns_message,
    string_to_sign,
)

CERTIFICATES = 8
"""How many certificates are cached; SNS uses one at a time per region."""

_HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "1": hashes.SHA1(),  # noqa: S303 - as SNS defines signature version 1
    "2": hashes.SHA256(),
}


class SnsVerifier:
    """Verifies the signatures of messages from the given topics.

    `fetch` returns the PEM file at a URL and raises SignatureInvalid when it cannot. It is called
    only for messages of these topics, and only with URLs of SNS.
    """

    def __init__(self, *, topics: Collection[str], fetch: Callable[[str], bytes]) -> None:
        self._topics = frozenset(topics)
        self._fetch = fetch
        self._cache: OrderedDict[str, x509.Certificate] = OrderedDict()
        self._lock = threading.Lock()

    def verified(self, body: Mapping[str, Any], *, now: datetime) -> SnsMessage:
        """Return the message in an HTTP body after verifying it.

        Raises:
            InvalidRequest: when the body is not an SNS message.
            SignatureInvalid: when topic, time, certificate or signature is invalid.
        """
        message = sns_message(body)
        check_topic(message, self._topics)
        check_fresh(message, now=now)
        algorithm, signature = _algorithm(message), _signature(message)
        signed = string_to_sign(message)
        key = self._key(certificate_url(message), now=now)
        try:
            key.verify(signature, signed, padding.PKCS1v15(), algorithm)
        except InvalidSignature as error:
            raise SignatureInvalid(
                "The message's signature is invalid; send the message exactly as SNS sent it."
            ) from error
        return message

    def _key(self, url: str, *, now: datetime) -> rsa.RSAPublicKey:
        certificate = self._certificate(url)
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise SignatureInvalid("The signing certificate is not valid now; check the clock.")
        key = _public_key(certificate)
        if not isinstance(key, rsa.RSAPublicKey):
            raise SignatureInvalid("The signing certificate has no RSA key; SNS uses RSA.")
        return key

    def _certificate(self, url: str) -> x509.Certificate:
        with self._lock:
            if url in self._cache:
                self._cache.move_to_end(url)
                return self._cache[url]
        certificate = _loaded(self._fetch(url))
        with self._lock:
            self._cache[url] = certificate
            while len(self._cache) > CERTIFICATES:
                self._cache.popitem(last=False)
        return certificate


def _algorithm(message: SnsMessage) -> hashes.HashAlgorithm:
    version = message.fields.get("SignatureVersion", "")
    if version not in _HASHES:
        raise SignatureInvalid("The message's SignatureVersion must be 1 or 2.")
    return _HASHES[version]


def _signature(message: SnsMessage) -> bytes:
    try:
        return base64.b64decode(message.fields.get("Signature", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise SignatureInvalid("The message's Signature is not base64.") from error


def _loaded(pem: bytes) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(pem)
    except ValueError as error:
        raise SignatureInvalid(
            "The file at SigningCertURL is not a certificate; check the address."
        ) from error


def _public_key(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureInvalid("The signing certificate has no usable key.") from error

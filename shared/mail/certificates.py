"""Downloading the signing certificates of SNS."""

import ssl
import time
from collections.abc import Callable

import httpx

from shared.domain.errors import SignatureInvalid

LARGEST_BYTES = 16 * 1024
SECONDS = 3.0

_OK = 200


class CertificateFiles:
    """Downloads PEM files over TLS, without redirects, proxies or cookies.

    `transport` replaces the network, `clock` the clock of the time limit, both for tests.
    """

    def __init__(
        self,
        verify: ssl.SSLContext,
        *,
        transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._verify = verify
        self._transport = transport
        self._clock = clock

    def fetch(self, url: str) -> bytes:
        """Return the file at a URL that the caller has checked.

        Raises:
            SignatureInvalid: when there is no 200 response within 3 seconds, or it exceeds 16 KiB.
        """
        try:
            with self._client() as client, client.stream("GET", url) as response:
                if response.status_code != _OK:
                    raise SignatureInvalid(
                        f"SigningCertURL returned {response.status_code}; check the address."
                    )
                return self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SignatureInvalid(
                "SigningCertURL does not respond; check the address and the network, "
                "and let SNS send the message again."
            ) from error

    def _client(self) -> httpx.Client:
        # One client per file: downloads are so rare that a pooled connection would be stale.
        return httpx.Client(
            verify=self._verify,
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
            transport=self._transport,
            # A small compressed response could expand to a large one.
            headers={"Accept-Encoding": "identity"},
        )

    def _read(self, response: httpx.Response) -> bytes:
        deadline, body = self._clock() + SECONDS, bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > LARGEST_BYTES:
                raise SignatureInvalid("The file at SigningCertURL exceeds 16 KiB; check the URL.")
            if self._clock() > deadline:
                raise SignatureInvalid("SigningCertURL takes over 3 seconds; let SNS retry.")
        return bytes(body)

"""The certificates SNS signs with, fetched from SNS."""

import ssl
import time
from collections.abc import Callable

import httpx

from shared.domain.errors import SignatureInvalid

LARGEST_BYTES = 16 * 1024
SECONDS = 3.0

_OK = 200


class CertificateFiles:
    """Reads PEM files over TLS, without redirects, proxies or cookies.

    `transport` replaces the network, `clock` the seconds that a slow server is measured by.
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
        """Return the file at an address that the caller has checked.

        Raises:
            SignatureInvalid: no answer of 200 in 3 seconds, or one over 16 KiB.
        """
        try:
            with self._client() as client, client.stream("GET", url) as response:
                if response.status_code != _OK:
                    raise SignatureInvalid(
                        f"SigningCertURL answers {response.status_code}; check the address."
                    )
                return self._read(response)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SignatureInvalid(
                "SigningCertURL does not answer; check the address and the way to it, "
                "and let SNS send the message again."
            ) from error

    def _client(self) -> httpx.Client:
        # One for each file: they are asked for so seldom that an open connection would be stale.
        return httpx.Client(
            verify=self._verify,
            trust_env=False,
            follow_redirects=False,
            timeout=SECONDS,
            transport=self._transport,
            # Unpacking a small answer could give a large one.
            headers={"Accept-Encoding": "identity"},
        )

    def _read(self, response: httpx.Response) -> bytes:
        deadline, body = self._clock() + SECONDS, bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > LARGEST_BYTES:
                raise SignatureInvalid("What SigningCertURL leads to is over 16 KiB; check it.")
            if self._clock() > deadline:
                raise SignatureInvalid("SigningCertURL takes over 3 seconds; let SNS try again.")
        return bytes(body)

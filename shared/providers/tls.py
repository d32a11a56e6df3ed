"""The TLS context shared by the whole process; building one costs about 50 ms."""

import ssl
from functools import cache

import certifi


@cache
def tls_context() -> ssl.SSLContext:
    """Return the shared TLS context. It verifies certificate chains and host names."""
    return ssl.create_default_context(cafile=certifi.where())

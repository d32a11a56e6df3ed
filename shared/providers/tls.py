"""The one TLS context of the process; building one costs about 50 ms."""

import ssl
from functools import cache

import certifi


@cache
def tls_context() -> ssl.SSLContext:
    """Return the context every HTTP client shares: verified chains and host names."""
    return ssl.create_default_context(cafile=certifi.where())

"""Tenants and ids of the accounts of the simulated Microsoft."""

import base64
import uuid

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
"""The tenant of all personal accounts."""

PERSONAL_DOMAINS = ("outlook.com", "hotmail.com", "live.com")


def tenant_of(email: str) -> str:
    """Return the tenant an address belongs to."""
    domain = email.rpartition("@")[2]
    return PERSONAL_TENANT if domain in PERSONAL_DOMAINS else _guid(domain)


def object_id(email: str) -> str:
    """Return the account's permanent id."""
    return _guid(email)


def _guid(text: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, text))


def client_info(email: str) -> str:
    """Return the token endpoint's `client_info`: account and tenant ids."""
    text = f'{{"uid":"{object_id(email)}","utid":"{tenant_of(email)}"}}'
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

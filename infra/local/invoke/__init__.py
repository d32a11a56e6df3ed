"""Invokes functions with the payloads of events/; `make invoke` runs one."""

from infra.local.invoke.resources import LocalResources, local_resources
from infra.local.invoke.runner import FunctionInvoker, PayloadRunner, PreparationFailed

__all__ = [
    "FunctionInvoker",
    "LocalResources",
    "PayloadRunner",
    "PreparationFailed",
    "local_resources",
]

"""Invokes functions with the payloads of events/; `make invoke` runs one."""

from infra.local.invoke.run import Invoker, NotReady, Run
from infra.local.invoke.surroundings import Surroundings, surroundings

__all__ = ["Invoker", "NotReady", "Run", "Surroundings", "surroundings"]

"""Invokes payloads of events/ one after another; later ones use what earlier ones created."""

from collections.abc import Mapping
from typing import Any, Protocol

from infra.functions import FUNCTIONS
from infra.local.invoke.placeholders import account_values, created_values, fill_placeholders
from infra.local.invoke.resources import LocalResources
from infra.payloads.catalogue import path, prerequisites, read

_ERRORS = 400


class PreparationFailed(RuntimeError):
    """A payload that must be invoked first failed; the message holds its result."""


class FunctionInvoker(Protocol):
    """Runs a handler with these environment variables only."""

    def invoke(
        self,
        module: str,
        payload: Any,
        *,
        function: str,
        seconds: float,
        environment: Mapping[str, str],
    ) -> Any:
        """Return the handler's result, or raise InvocationFailed."""
        ...


class PayloadRunner:
    """Invokes functions that share the same resources."""

    def __init__(self, resources: LocalResources, invoker: FunctionInvoker) -> None:
        self._resources = resources
        self._invoker = invoker
        self._values = account_values(resources.servers)
        self._prepared: set[str] = set()

    def prepare(self, name: str) -> None:
        """Invoke a payload of events/ once, after the payloads it depends on itself.

        Raises:
            PreparationFailed: when the result is an error.
            InvocationFailed: when the handler failed.
        """
        if name in self._prepared:
            return
        for each in prerequisites(name):
            self.prepare(each)
        result = self.invoke(name.partition("/")[0], read(path(name)))
        if isinstance(result, dict) and result.get("statusCode", 0) >= _ERRORS:
            raise PreparationFailed(f"{name} returned {result}")
        self._values |= created_values(name, result)
        self._prepared.add(name)

    def invoke(self, function: str, payload: Any) -> Any:
        """Return a function's result for a payload, after filling in the payload's placeholders.

        Raises:
            InvocationFailed: when the handler failed.
        """
        data = FUNCTIONS[function]
        return self._invoker.invoke(
            data.handler.removesuffix(".lambda_handler"),
            fill_placeholders(payload, values=self._values, topic=self._resources.topic),
            function=function,
            seconds=data.timeout.total_seconds(),
            environment=self._resources.environment(function),
        )

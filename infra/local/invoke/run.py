"""Invokes functions one after another; what one made, the payload of the next is about."""

from collections.abc import Mapping
from typing import Any, Protocol

from infra.functions import FUNCTIONS
from infra.local.invoke.surroundings import Surroundings
from infra.local.invoke.words import learned, made_up, spoken
from infra.payloads.catalogue import first, path, read

_ERRORS = 400


class NotReady(RuntimeError):
    """What must go before the payload failed; the message holds the answer."""


class Invoker(Protocol):
    """Runs a handler somewhere, with these variables and no other."""

    def invoke(
        self,
        module: str,
        payload: Any,
        *,
        function: str,
        seconds: float,
        environment: Mapping[str, str],
    ) -> Any:
        """Return the handler's answer, or raise InvocationFailed."""
        ...


class Run:
    """Invocations in the same surroundings."""

    def __init__(self, around: Surroundings, invoker: Invoker) -> None:
        self._around = around
        self._invoker = invoker
        self._words = made_up(around.elsewhere)
        self._prepared: set[str] = set()

    def prepare(self, name: str) -> None:
        """Invoke a payload of events/ for what it makes, unless that has been done; its own first.

        Raises:
            NotReady: when the answer is an error.
            InvocationFailed: when the handler failed.
        """
        if name in self._prepared:
            return
        for each in first(name):
            self.prepare(each)
        answer = self.invoke(name.partition("/")[0], read(path(name)))
        if isinstance(answer, dict) and answer.get("statusCode", 0) >= _ERRORS:
            raise NotReady(f"{name} was answered with {answer}")
        self._words |= learned(name, answer)
        self._prepared.add(name)

    def invoke(self, function: str, payload: Any) -> Any:
        """Return a function's answer to a payload whose made-up parts are replaced by true ones.

        Raises:
            InvocationFailed: when the handler failed.
        """
        data = FUNCTIONS[function]
        return self._invoker.invoke(
            data.handler.removesuffix(".lambda_handler"),
            spoken(payload, words=self._words, topic=self._around.topic),
            function=function,
            seconds=data.timeout.total_seconds(),
            environment=self._around.environment(function),
        )

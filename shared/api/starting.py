"""Starts a Lambda function's process with only the modules of Powertools that it uses.

Three packages of Powertools import every event source, resolver and tool they have, including
asyncio: a hundred modules, of which an HTTP function uses a dozen.
"""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_HOMES: Mapping[str, Mapping[str, str]] = {
    # For each package, the module that defines each name this service imports from it.
    "aws_lambda_powertools": {"Logger": "logging"},
    "aws_lambda_powertools.event_handler": {
        "APIGatewayHttpResolver": "api_gateway",
        "ApiGatewayResolver": "api_gateway",
        "Response": "api_gateway",
    },
    "aws_lambda_powertools.utilities.data_classes": {
        "ALBEvent": "alb_event",
        "APIGatewayProxyEvent": "api_gateway_proxy_event",
        "APIGatewayProxyEventV2": "api_gateway_proxy_event",
        "BedrockAgentEvent": "bedrock_agent_event",
        "LambdaFunctionUrlEvent": "lambda_function_url_event",
        "VPCLatticeEvent": "vpc_lattice",
        "VPCLatticeEventV2": "vpc_lattice",
    },
}
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


class LeanPackage(ModuleType):
    """A package that imports only the module defining a name, or all of itself for other names."""

    def __getattr__(self, name: str) -> Any:
        """Return the attribute that the whole package would have under that name."""
        home = _HOMES[self.__name__].get(name)
        if home:
            return getattr(import_module(f"{self.__name__}.{home}"), name)
        if name.startswith("__") or find_spec(f"{self.__name__}.{name}"):
            raise AttributeError(name)  # import then loads the submodule
        self._load()
        return getattr(self, name)

    def _load(self) -> None:
        self.__class__ = ModuleType  # type: ignore[assignment]  # fully loaded from here on
        spec = self.__spec__
        if spec and spec.loader:
            spec.loader.exec_module(self)


def start_lean() -> None:
    """Prepare this process for loading a function. Call it before importing Powertools.

    Imported modules are never garbage, but with the interpreter's default threshold the collector
    scans them repeatedly, which takes an eighth of a cold start.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for name in _HOMES:
        if name not in sys.modules:
            _install(name)


def _install(name: str) -> None:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"{name} is not installed; install requirements.txt")
    package = module_from_spec(spec)
    package.__class__ = LeanPackage
    sys.modules[name] = package

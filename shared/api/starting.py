"""How the process of a Lambda function starts: with no more of Powertools than it uses.

Three packages of Powertools load every event source, resolver and tool there is, asyncio among
them: a hundred modules, of which an HTTP function uses a dozen.
"""

import gc
import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from types import ModuleType
from typing import Any

_HOMES: Mapping[str, Mapping[str, str]] = {
    # Where a package has the names that are wanted of it.
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
    """A package that loads the module a name is in, and all of itself for a name not known here."""

    def __getattr__(self, name: str) -> Any:
        """Return what the package itself would have under that name."""
        home = _HOMES[self.__name__].get(name)
        if home:
            return getattr(import_module(f"{self.__name__}.{home}"), name)
        if name.startswith("__") or find_spec(f"{self.__name__}.{name}"):
            raise AttributeError(name)  # for a module of the package, import goes on to load it
        self._load()
        return getattr(self, name)

    def _load(self) -> None:
        self.__class__ = ModuleType  # type: ignore[assignment]  # it is whole from here on
        spec = self.__spec__
        if spec and spec.loader:
            spec.loader.exec_module(self)


def start_lean() -> None:
    """Prepare this process for loading a function; call it before Powertools is imported.

    Nothing that is loaded is garbage, yet at the interpreter's own threshold the collector goes
    through all of it again and again, which takes an eighth of a start.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    for name in _HOMES:
        if name not in sys.modules:
            _place(name)


def _place(name: str) -> None:
    spec = find_spec(name)
    if spec is None:
        raise ModuleNotFoundError(f"{name} is not installed; install what requirements.txt names")
    package = module_from_spec(spec)
    package.__class__ = LeanPackage
    sys.modules[name] = package

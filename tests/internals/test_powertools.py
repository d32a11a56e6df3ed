"""What `shared/api/app.py` and `shared/api/starting.py` rely on inside Powertools."""

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import pytest
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
from aws_lambda_powertools.event_handler.api_gateway import Route
from aws_lambda_powertools.event_handler.openapi.compat import is_scalar_field
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2
from aws_lambda_powertools.utilities.typing import LambdaContext

ROOT = Path(__file__).parents[2]
EVERY_LEAN_NAME = """
from importlib import import_module
from shared.api.starting import _HOMES
for package, homes in _HOMES.items():
    for name, home in homes.items():
        whole = getattr(import_module(package), name)
        part = getattr(import_module(f"{package}.{home}"), name)
        assert whole is part, f"{package}.{name} is not in {home}"
print("complete")"""


class Resolver(APIGatewayHttpResolver):
    """A resolver with the overrides of `shared.api.app.App`."""

    def __init__(self) -> None:
        super().__init__(enable_validation=True)
        self.steps: list[str] = []
        self.event: Any = None

    def _to_proxy_event(self, event: dict[str, Any]) -> Any:
        self.steps.append("_to_proxy_event")
        return self.event or super()._to_proxy_event(event)

    def _call_route(self, route: Route, route_arguments: dict[str, str]) -> Any:
        self.steps.append("_call_route")
        assert route is self.context["_route"]
        return super()._call_route(route, route_arguments)


def with_one_route() -> Resolver:
    resolver = Resolver()

    @resolver.get("/days")
    def days(size: Annotated[int, Query()], names: Annotated[list[str], Query()]) -> dict[str, Any]:
        return {"size": size, "names": names}

    return resolver


def get(resolver: Resolver, query: str) -> dict[str, Any]:
    """Send GET /days as API Gateway does."""
    payload = {
        "version": "2.0",
        "rawPath": "/days",
        "rawQueryString": query,
        "queryStringParameters": dict(part.split("=") for part in query.split("&")),
        "headers": {},
        "requestContext": {"http": {"method": "GET", "path": "/days"}, "stage": "$default"},
    }
    return resolver.resolve(payload, LambdaContext())


def test_every_name_of_the_lean_start_is_in_the_module_it_names() -> None:
    done = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", EVERY_LEAN_NAME],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout.strip() == "complete", done.stderr


def test_a_request_passes_through_the_two_methods_that_the_app_overrides() -> None:
    resolver = with_one_route()

    response = get(resolver, "size=2&names=a")

    assert response["statusCode"] == 200
    assert resolver.steps == ["_to_proxy_event", "_call_route"]
    assert list(inspect.signature(APIGatewayHttpResolver._call_route).parameters) == [
        "self",
        "route",
        "route_arguments",
    ]


class Recorded(APIGatewayProxyEventV2):
    """An event that counts how often its query is read."""

    reads = 0

    @property
    def resolved_query_string_parameters(self) -> dict[str, list[str]]:
        self.reads += 1
        return {"size": ["2"], "names": ["a"]}


@pytest.mark.parametrize(("path", "status"), [("/days", 200), ("/plain", 200), ("/unknown", 404)])
def test_every_route_reads_the_query_from_one_property_of_the_event(path: str, status: int) -> None:
    resolver = with_one_route()

    @resolver.get("/plain")
    def plain() -> dict[str, Any]:
        return {}

    http = {"http": {"method": "GET", "path": path}, "stage": "$default"}
    event = Recorded({"rawPath": path, "headers": {}, "requestContext": http})
    resolver.event = event

    assert status == resolver.resolve(event._data, LambdaContext())["statusCode"]
    assert 1 == event.reads


def test_a_resolver_lists_its_routes_in_two_private_attributes() -> None:
    resolver = with_one_route()

    [route] = [*resolver._static_routes, *resolver._dynamic_routes]

    assert route.method == "GET"
    assert route.rule.match("/days")
    assert route.security is None


def test_an_ellipsis_as_annotation_marks_a_parameter_as_scalar_without_inspection() -> None:
    resolver = with_one_route()
    [route] = resolver._static_routes
    size, names = route.dependant.query_params

    assert (is_scalar_field(size), is_scalar_field(names)) == (True, False)
    size.field_info.annotation = ...  # type: ignore[assignment]
    response = get(resolver, "size=2&names=a,b")

    assert is_scalar_field(size)
    assert '"size":2' in response["body"]

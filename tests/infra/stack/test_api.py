import json
from typing import Any

import pytest

from infra.routes import FALLBACK, ROUTES
from infra.stages import STAGES
from tests.support.http_contract import contract
from tests.support.template import Template, attribute, texts

pytestmark = pytest.mark.long

PUBLIC = {(each, route.path) for route in ROUTES if route.public for each in route.methods}


def test_every_route_invokes_its_function_and_there_are_no_others(production: Template) -> None:
    expected = {
        f"{method} {route.path}": route.function for route in ROUTES for method in route.methods
    }

    assert expected | {"$default": FALLBACK} == {
        route["Properties"]["RouteKey"]: _function_of(production, route["Properties"])
        for route in production.all("AWS::ApiGatewayV2::Route").values()
    }


def test_functions_receive_payload_format_2(production: Template) -> None:
    integrations = production.all("AWS::ApiGatewayV2::Integration").values()

    assert {("AWS_PROXY", "2.0")} == {
        (each["Properties"]["IntegrationType"], each["Properties"]["PayloadFormatVersion"])
        for each in integrations
    }


def test_only_this_api_may_invoke_its_functions(production: Template) -> None:
    api, _ = production.one("AWS::ApiGatewayV2::Api")
    permissions = [
        each["Properties"]
        for each in production.all("AWS::Lambda::Permission").values()
        if each["Properties"]["Principal"] == "apigateway.amazonaws.com"
    ]

    assert sum(len(route.methods) for route in ROUTES) + 1 == len(permissions)
    assert [each for each in permissions if {"Ref": api} not in _parts(each["SourceArn"])] == []


def test_public_routes_are_those_without_security_in_the_openapi_document() -> None:
    documented = {
        (method.upper(), path)
        for path, operations in contract()["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "delete"} and operation.get("security") == []
    }

    assert documented | {("GET", "/docs"), ("GET", "/console")} == {
        (route.method, route.path) for route in ROUTES if route.public
    }


def test_every_public_route_has_a_bucket_of_its_own(production: Template) -> None:
    _, stage = production.one("AWS::ApiGatewayV2::Stage")
    normal, public = STAGES["production"].throttle, STAGES["production"].public_throttle

    default = stage["DefaultRouteSettings"]
    assert (normal.rate, normal.burst) == (
        default["ThrottlingRateLimit"],
        default["ThrottlingBurstLimit"],
    )
    assert {f"{method} {path}": (public.rate, public.burst) for method, path in PUBLIC} == {
        route: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for route, each in stage["RouteSettings"].items()
    }


def test_the_stage_depends_on_the_routes_that_its_throttles_name(production: Template) -> None:
    (stage,) = production.all("AWS::ApiGatewayV2::Stage").values()

    assert set(production.all("AWS::ApiGatewayV2::Route")) <= set(stage["DependsOn"])


def test_the_access_log_is_json_without_the_request_path(production: Template) -> None:
    _, stage = production.one("AWS::ApiGatewayV2::Stage")
    group, _ = production.one("AWS::Logs::LogGroup", "ApiAccessLog")

    assert attribute(group) == stage["AccessLogSettings"]["DestinationArn"]
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"requestId", "routeKey", "status", "responseLatency"} <= line.keys()
    assert [
        each for each in line.values() if each in {"$context.path", "$context.domainName"}
    ] == []


def test_only_the_given_front_ends_may_call_from_a_browser(
    production: Template, dev: Template
) -> None:
    _, api = production.one("AWS::ApiGatewayV2::Api")

    cors = api["CorsConfiguration"]
    assert ["https://app.example.com", "https://admin.example.com"] == cors["AllowOrigins"]
    assert ["authorization", "content-type"] == cors["AllowHeaders"]
    assert ["GET", "HEAD", "POST", "PUT", "DELETE"] == cors["AllowMethods"]
    assert {"retry-after", "x-request-id", "apigw-requestid"} <= set(cors["ExposeHeaders"])
    assert (True, 3600) == (cors["AllowCredentials"], cors["MaxAge"])
    assert "CorsConfiguration" not in dev.one("AWS::ApiGatewayV2::Api")[1]


def test_the_api_uses_its_custom_domain_if_it_has_one(production: Template, dev: Template) -> None:
    _, domain = production.one("AWS::ApiGatewayV2::DomainName")
    api, _ = dev.one("AWS::ApiGatewayV2::Api")

    assert "calendar.example.com" == domain["DomainName"]
    assert "TLS_1_2" == domain["DomainNameConfigurations"][0]["SecurityPolicy"]
    assert production.properties("AWS::ApiGatewayV2::Api")["DisableExecuteApiEndpoint"] is True
    assert "DisableExecuteApiEndpoint" not in dev.properties("AWS::ApiGatewayV2::Api")
    assert "DomainTarget" in production.content["Outputs"]
    assert "https://calendar.example.com" == _base_url(production)
    assert attribute(api, "ApiEndpoint") == _base_url(dev)


def _base_url(template: Template) -> Any:
    return template.function("connections")[1]["Environment"]["Variables"]["PUBLIC_BASE_URL"]


def _function_of(template: Template, route: dict[str, Any]) -> str:
    integration = route["Target"]["Fn::Join"][1][1]["Ref"]
    target = template.content["Resources"][integration]["Properties"]["IntegrationUri"]
    invoked = target["Ref"] if "Ref" in target else target["Fn::GetAtt"][0]
    return next(
        name
        for name in {route.function for route in ROUTES}
        if invoked.startswith((f"{name.replace('_', '')}Function", f"{name}Live"))
    )


def _parts(value: Any) -> list[Any]:
    parts: list[Any] = value["Fn::Join"][1]
    assert any(texts(parts))
    return parts

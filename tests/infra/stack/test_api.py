import json
from typing import Any

from infra.public_routes import PUBLIC
from infra.routes import FALLBACK, ROUTES
from infra.stages import STAGES
from tests.support.contract import contract
from tests.support.template import Template, attribute, texts


def test_every_route_leads_to_its_function_and_there_are_no_others(production: Template) -> None:
    expected = {f"{route.method} {route.path}": route.function for route in ROUTES}

    assert expected | {"$default": FALLBACK} == {
        route["Properties"]["RouteKey"]: _function_of(production, route["Properties"])
        for route in production.all("AWS::ApiGatewayV2::Route").values()
    }


def test_functions_get_the_payload_they_were_written_for(production: Template) -> None:
    integrations = production.all("AWS::ApiGatewayV2::Integration").values()

    assert {("AWS_PROXY", "2.0")} == {
        (each["Properties"]["IntegrationType"], each["Properties"]["PayloadFormatVersion"])
        for each in integrations
    }


def test_only_this_api_may_call_the_functions_behind_it(production: Template) -> None:
    api, _ = production.one("AWS::ApiGatewayV2::Api")
    permissions = [
        each["Properties"]
        for each in production.all("AWS::Lambda::Permission").values()
        if each["Properties"]["Principal"] == "apigateway.amazonaws.com"
    ]

    assert len(ROUTES) + 1 == len(permissions)
    assert [each for each in permissions if {"Ref": api} not in _parts(each["SourceArn"])] == []


def test_the_routes_for_strangers_are_those_that_take_no_token_in_the_contract() -> None:
    documented = {
        (method.upper(), path)
        for path, operations in contract()["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "put", "delete"} and operation.get("security") == []
    }

    assert documented | {("GET", "/docs")} == PUBLIC


def test_the_routes_for_strangers_are_throttled_tighter(production: Template) -> None:
    _, stage = production.one("AWS::ApiGatewayV2::Stage")
    known, strangers = STAGES["production"].throttle, STAGES["production"].public_throttle

    usual = stage["DefaultRouteSettings"]
    assert (known.rate, known.burst) == (
        usual["ThrottlingRateLimit"],
        usual["ThrottlingBurstLimit"],
    )
    assert {f"{method} {path}": (strangers.rate, strangers.burst) for method, path in PUBLIC} == {
        route: (each["ThrottlingRateLimit"], each["ThrottlingBurstLimit"])
        for route, each in stage["RouteSettings"].items()
    }


def test_the_stage_comes_after_the_routes_its_throttles_name(production: Template) -> None:
    (stage,) = production.all("AWS::ApiGatewayV2::Stage").values()

    assert set(production.all("AWS::ApiGatewayV2::Route")) <= set(stage["DependsOn"])


def test_requests_are_logged_as_json_without_what_names_people(production: Template) -> None:
    _, stage = production.one("AWS::ApiGatewayV2::Stage")
    group, _ = production.one("AWS::Logs::LogGroup", "ApiAccessLog")

    assert attribute(group) == stage["AccessLogSettings"]["DestinationArn"]
    line = json.loads(stage["AccessLogSettings"]["Format"])
    assert {"requestId", "routeKey", "status", "responseLatency"} <= line.keys()
    assert [
        each for each in line.values() if each in {"$context.path", "$context.domainName"}
    ] == []


def test_only_the_front_ends_named_may_call_from_a_browser(
    production: Template, dev: Template
) -> None:
    _, api = production.one("AWS::ApiGatewayV2::Api")

    cors = api["CorsConfiguration"]
    assert ["https://app.example.com", "https://admin.example.com"] == cors["AllowOrigins"]
    assert ["authorization", "content-type"] == cors["AllowHeaders"]
    assert "CorsConfiguration" not in dev.one("AWS::ApiGatewayV2::Api")[1]


def test_the_api_answers_under_its_own_name_where_it_has_one(
    production: Template, dev: Template
) -> None:
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
    called = target["Ref"] if "Ref" in target else target["Fn::GetAtt"][0]
    return next(
        name
        for name in {route.function for route in ROUTES}
        if called.startswith((f"{name.replace('_', '')}Function", f"{name}Live"))
    )


def _parts(value: Any) -> list[Any]:
    parts: list[Any] = value["Fn::Join"][1]
    assert any(texts(parts))
    return parts

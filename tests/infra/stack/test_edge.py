"""CloudFront and its web ACL in front of the API."""

import json
from typing import Any

import pytest

from infra.functions import API_FUNCTIONS, FUNCTIONS
from infra.stack.firewall import RATE_RULES
from shared.api.origin import ADDRESS_HEADER, SECRET_HEADER
from tests.support.synthesis import EDGE, FIREWALL, Synthesis
from tests.support.template import Template

pytestmark = pytest.mark.long

HTTP = {*API_FUNCTIONS, "ses_notifications"}


@pytest.fixture(scope="module")
def edge(synthesis: Synthesis) -> Template:
    """The stack of the staging stage behind CloudFront."""
    return synthesis.template(EDGE)


@pytest.fixture(scope="module")
def distribution(edge: Template) -> dict[str, Any]:
    """The settings of the distribution."""
    config: dict[str, Any] = edge.properties("AWS::CloudFront::Distribution")["DistributionConfig"]
    return config


def test_the_domain_is_served_by_cloudfront_with_the_web_acl(
    edge: Template, distribution: dict[str, Any]
) -> None:
    assert distribution["Aliases"] == ["calendar.example.com"]
    assert distribution["WebACLId"].startswith("arn:aws:wafv2:us-east-1:")
    assert edge.all("AWS::ApiGatewayV2::DomainName") == {}
    assert "DomainName" in json.dumps(edge.content["Outputs"]["DomainTarget"])


def test_nothing_is_cached_and_the_whole_request_is_forwarded(distribution: dict[str, Any]) -> None:
    behavior = distribution["DefaultCacheBehavior"]

    # The managed policies CachingDisabled and AllViewerExceptHostHeader.
    assert behavior["CachePolicyId"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    assert behavior["OriginRequestPolicyId"] == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    assert {"DELETE", "GET", "OPTIONS", "POST", "PUT"} <= set(behavior["AllowedMethods"])
    assert behavior["ViewerProtocolPolicy"] == "https-only"


def test_the_secret_is_sent_to_the_api_and_is_not_in_the_template(
    distribution: dict[str, Any],
) -> None:
    (origin,) = distribution["Origins"]
    (header,) = origin["OriginCustomHeaders"]

    assert header["HeaderName"] == SECRET_HEADER
    assert "{{resolve:secretsmanager:" in json.dumps(header["HeaderValue"])
    assert ".execute-api." in json.dumps(origin["DomainName"])
    assert origin["CustomOriginConfig"]["OriginProtocolPolicy"] == "https-only"


def test_cloudfront_replaces_the_viewers_address_header(edge: Template) -> None:
    function = edge.properties("AWS::CloudFront::Function")

    assert f"headers['{ADDRESS_HEADER}'] = {{value: event.viewer.ip}}" in function["FunctionCode"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_with_routes_may_read_the_secret_and_no_other(
    name: str, edge: Template
) -> None:
    (secret,) = [each for each in edge.all("AWS::SecretsManager::Secret") if "Origin" in each]
    variables = edge.function(name)[1]["Environment"]["Variables"]
    role = edge.function(name)[1]["Role"]["Fn::GetAtt"][0]
    policies = [
        each["Properties"]["PolicyDocument"]
        for each in edge.all("AWS::IAM::Policy").values()
        if {"Ref": role} in each["Properties"]["Roles"]
    ]
    may_read = secret in json.dumps(policies)

    assert variables["ORIGIN_SECRET_ID"] == {"Ref": secret}
    assert may_read == (name in HTTP)


def test_a_stack_without_a_web_acl_has_no_distribution_and_no_secret(production: Template) -> None:
    assert production.all("AWS::CloudFront::Distribution") == {}
    assert [
        each for each in production.all("AWS::SecretsManager::Secret") if "Origin" in each
    ] == []


def test_the_web_acl_limits_clients_with_and_without_a_token(synthesis: Synthesis) -> None:
    template = synthesis.template(FIREWALL)
    acl = template.properties("AWS::WAFv2::WebACL")
    rules = {each["Name"]: each["Statement"]["RateBasedStatement"] for each in acl["Rules"]}

    assert (acl["Scope"], acl["DefaultAction"]) == ("CLOUDFRONT", {"Allow": {}})
    assert {each.name: each.limit for each in RATE_RULES} == {
        name: rule["Limit"] for name, rule in rules.items()
    }
    assert "NotStatement" in rules["WithoutToken"]["ScopeDownStatement"]
    assert rules["WithoutToken"]["AggregateKeyType"] == "IP"
    assert rules["PerToken"]["AggregateKeyType"] == "CUSTOM_KEYS"
    assert [next(iter(each)) for each in rules["PerToken"]["CustomKeys"]] == ["IP", "Header"]
    assert "ScopeDownStatement" not in rules["PerAddress"]
    assert all(
        each["Action"]["Block"]["CustomResponse"]["ResponseCode"] == 429 for each in acl["Rules"]
    )
    assert "WebAclArn" in template.content["Outputs"]

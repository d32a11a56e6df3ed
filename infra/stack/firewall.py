"""The web ACL with rate rules for CloudFront, which must be in us-east-1."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aws_cdk import CfnOutput, Environment, Stack
from aws_cdk import aws_wafv2 as waf
from constructs import Construct

from infra.stages import StageSpec

REGION = "us-east-1"
"""AWS accepts web ACLs for CloudFront in this region only."""

WINDOW_SECONDS = 300


@dataclass(frozen=True, slots=True)
class RateRule:
    """One rate rule: more than `limit` requests in five minutes are blocked with 429.

    `keys` are what is counted separately. `has_token` limits the rule to requests with or without
    an Authorization header, None means all.
    """

    name: str
    limit: int
    keys: tuple[str, ...] = ("ip",)
    has_token: bool | None = None


RATE_RULES: tuple[RateRule, ...] = (
    RateRule("WithoutToken", 600, has_token=False),
    RateRule("PerToken", 3000, keys=("ip", "authorization"), has_token=True),
    RateRule("PerAddress", 20_000),
)
"""Users with a token who share an address do not share a limit, up to the last rule."""


class Firewall(Stack):  # type: ignore[misc]  # mypy skips CDK's types, see pyproject.toml
    """The web ACL of one stage; its output `WebAclArn` is the input `edge_acl_arn`."""

    def __init__(self, scope: Construct, *, stage: StageSpec) -> None:
        super().__init__(
            scope,
            f"calendar-service-{stage.name}-firewall",
            description=f"Rate rules in front of the calendar service ({stage.name})",
            termination_protection=stage.keeps_data,
            env=Environment(region=REGION),
            tags={"service": "calendar-service", "stage": stage.name},
        )
        acl = waf.CfnWebACL(
            self,
            "WebAcl",
            scope="CLOUDFRONT",
            default_action=waf.CfnWebACL.DefaultActionProperty(allow={}),
            visibility_config=_visibility("WebAcl"),
            rules=[_rule(number, each) for number, each in enumerate(RATE_RULES)],
        )
        CfnOutput(self, "WebAclArn", value=acl.attr_arn)


def _rule(number: int, rule: RateRule) -> waf.CfnWebACL.RuleProperty:
    too_many = waf.CfnWebACL.CustomResponseProperty(
        response_code=429,
        response_headers=[
            waf.CfnWebACL.CustomHTTPHeaderProperty(name="retry-after", value=str(WINDOW_SECONDS))
        ],
    )
    return waf.CfnWebACL.RuleProperty(
        name=rule.name,
        priority=number,
        statement=waf.CfnWebACL.StatementProperty(
            rate_based_statement=waf.CfnWebACL.RateBasedStatementProperty(
                limit=rule.limit,
                evaluation_window_sec=WINDOW_SECONDS,
                scope_down_statement=_scope(rule),
                **_aggregation(rule.keys),
            )
        ),
        action=waf.CfnWebACL.RuleActionProperty(
            block=waf.CfnWebACL.BlockActionProperty(custom_response=too_many)
        ),
        visibility_config=_visibility(rule.name),
    )


def _scope(rule: RateRule) -> waf.CfnWebACL.StatementProperty | None:
    if rule.has_token is None:
        return None
    with_token = waf.CfnWebACL.StatementProperty(
        size_constraint_statement=waf.CfnWebACL.SizeConstraintStatementProperty(
            comparison_operator="GT",
            size=0,
            field_to_match=waf.CfnWebACL.FieldToMatchProperty(
                single_header={"Name": "authorization"}
            ),
            text_transformations=_unchanged(),
        )
    )
    if rule.has_token:
        return with_token
    # A request without the header does not match the statement.
    negation = waf.CfnWebACL.NotStatementProperty(statement=with_token)
    return waf.CfnWebACL.StatementProperty(not_statement=negation)


def _aggregation(keys: Sequence[str]) -> dict[str, Any]:
    if tuple(keys) == ("ip",):
        return {"aggregate_key_type": "IP"}
    return {
        "aggregate_key_type": "CUSTOM_KEYS",
        "custom_keys": [_key(each) for each in keys],
    }


def _key(name: str) -> waf.CfnWebACL.RateBasedStatementCustomKeyProperty:
    if name == "ip":
        return waf.CfnWebACL.RateBasedStatementCustomKeyProperty(ip={})
    header = waf.CfnWebACL.RateLimitHeaderProperty(name=name, text_transformations=_unchanged())
    return waf.CfnWebACL.RateBasedStatementCustomKeyProperty(header=header)


def _unchanged() -> list[waf.CfnWebACL.TextTransformationProperty]:
    return [waf.CfnWebACL.TextTransformationProperty(priority=0, type="NONE")]


def _visibility(name: str) -> waf.CfnWebACL.VisibilityConfigProperty:
    return waf.CfnWebACL.VisibilityConfigProperty(
        cloud_watch_metrics_enabled=True, sampled_requests_enabled=True, metric_name=name
    )

"""The HTTP API: routes, CORS, throttling and the access log."""

import json
from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_apigatewayv2 as gateway
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk.aws_apigatewayv2_integrations import HttpLambdaIntegration
from constructs import Construct

from infra import cors
from infra.inputs import DeploymentInputs
from infra.routes import FALLBACK, ROUTES
from infra.stack.function import LOG_RETENTION
from infra.stages import StageSpec, Throttle

ACCESS_LOG = {
    "requestId": "$context.requestId",
    "requestTime": "$context.requestTime",
    "sourceIp": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "routeKey": "$context.routeKey",
    "status": "$context.status",
    "responseLength": "$context.responseLength",
    "responseLatency": "$context.responseLatency",
    "integrationLatency": "$context.integrationLatency",
    "integrationError": "$context.integrationErrorMessage",
}
"""One line per request. It has the route but not the path or the query, which identify people."""


class ApiGateway(Construct):
    """The HTTP API. `add_routes` adds the routes once their functions exist."""

    def __init__(
        self, scope: Construct, name: str, *, stage: StageSpec, inputs: DeploymentInputs
    ) -> None:
        super().__init__(scope, name)
        self._stage = stage
        # With CloudFront, the domain is CloudFront's, and the functions close the API's address.
        has_domain = bool(inputs.domain and not inputs.edge_acl_arn)
        self.http = gateway.HttpApi(
            self,
            "Http",
            api_name=f"calendar-service-{stage.name}",
            description="Availability, booking and calendars",
            create_default_stage=False,
            disable_execute_api_endpoint=True if has_domain else None,
            cors_preflight=_cors(inputs.front_ends),
        )
        self.domain = self._domain(inputs) if has_domain else None
        self.url = self._url(inputs)

    def add_routes(self, functions: Mapping[str, lambda_.IFunction]) -> None:
        """Route each operation to its function, and every other path to the fallback."""
        integrations = {
            name: HttpLambdaIntegration(f"{name}Function", function)
            for name, function in functions.items()
        }
        routes = [
            added
            for route in ROUTES
            for added in self.http.add_routes(
                path=route.path,
                methods=[gateway.HttpMethod(each) for each in route.methods],
                integration=integrations[route.function],
            )
        ]
        fallback = gateway.HttpRoute(
            self,
            "Fallback",
            http_api=self.http,
            route_key=gateway.HttpRouteKey.DEFAULT,
            integration=integrations[FALLBACK],
        )
        stage = self._default_stage()
        # The stage's throttles name routes, so CloudFormation must create the routes first.
        stage.node.add_dependency(*routes, fallback)

    def _default_stage(self) -> gateway.HttpStage:
        self.log_group = logs.LogGroup(
            self,
            "AccessLog",
            retention=LOG_RETENTION[self._stage.log_days],
            removal_policy=RemovalPolicy.RETAIN
            if self._stage.keeps_data
            else RemovalPolicy.DESTROY,
        )
        stage = gateway.HttpStage(
            self,
            "Stage",
            http_api=self.http,
            stage_name="$default",
            auto_deploy=True,
            detailed_metrics_enabled=True,
            throttle=_throttle(self._stage.throttle),
            domain_mapping=gateway.DomainMappingOptions(domain_name=self.domain)
            if self.domain
            else None,
        )
        resource = cast("gateway.CfnStage", stage.node.default_child)
        resource.access_log_settings = gateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=self.log_group.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        resource.route_settings = {
            f"{method} {route.path}": _route_settings(self._stage.public_throttle)
            for route in ROUTES
            if route.public
            for method in route.methods
        }
        return stage

    def _url(self, inputs: DeploymentInputs) -> str:
        if inputs.public_base_url:
            return inputs.public_base_url.replace("{api}", self.http.api_id)
        return f"https://{inputs.domain}" if inputs.domain else self.http.api_endpoint

    def _domain(self, inputs: DeploymentInputs) -> gateway.DomainName:
        return gateway.DomainName(
            self,
            "Domain",
            domain_name=inputs.domain,
            certificate=certificates.Certificate.from_certificate_arn(
                self, "Certificate", inputs.certificate_arn
            ),
            security_policy=gateway.SecurityPolicy.TLS_1_2,
        )


def _route_settings(throttle: Throttle) -> dict[str, object]:
    return {
        "DetailedMetricsEnabled": True,
        "ThrottlingRateLimit": throttle.rate,
        "ThrottlingBurstLimit": throttle.burst,
    }


def _throttle(throttle: Throttle) -> gateway.ThrottleSettings:
    return gateway.ThrottleSettings(rate_limit=throttle.rate, burst_limit=throttle.burst)


def _cors(origins: tuple[str, ...]) -> gateway.CorsPreflightOptions | None:
    if not origins:
        return None
    return gateway.CorsPreflightOptions(
        allow_origins=list(origins),
        # The browser stores the cookie that binds connecting to it only from such a response.
        allow_credentials=True,
        allow_methods=[gateway.CorsHttpMethod(each) for each in cors.METHODS],
        allow_headers=list(cors.REQUEST_HEADERS),
        expose_headers=list(cors.RESPONSE_HEADERS),
        max_age=Duration.seconds(cors.MAX_AGE.total_seconds()),
    )

"""CloudFront in front of the API, if the deployment has a web ACL for it."""

from aws_cdk import Aws
from aws_cdk import aws_certificatemanager as certificates
from aws_cdk import aws_cloudfront as cloudfront
from aws_cdk import aws_cloudfront_origins as origins
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.inputs import DeploymentInputs
from shared.api.origin import ADDRESS_HEADER, SECRET_HEADER

_VIEWER_ADDRESS = f"""\
function handler(event) {{
  event.request.headers['{ADDRESS_HEADER}'] = {{value: event.viewer.ip}};
  return event.request;
}}
"""
"""Sends the viewer's IP address to the origin, in place of what the viewer may have sent."""


class Edge(Construct):
    """A distribution with the web ACL. It caches nothing.

    Every request to the origin has a secret header. The functions reject requests without it, so
    that calling the API's own address does not go round the web ACL.
    """

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        api_id: str,
        inputs: DeploymentInputs,
        secret: secretsmanager.Secret,
    ) -> None:
        super().__init__(scope, name)
        self._secret = secret
        self.distribution = cloudfront.Distribution(
            self,
            "Distribution",
            comment=f"calendar-service: {inputs.domain}",
            domain_names=[inputs.domain],
            certificate=certificates.Certificate.from_certificate_arn(
                self, "Certificate", inputs.certificate_arn
            ),
            minimum_protocol_version=cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
            http_version=cloudfront.HttpVersion.HTTP2_AND_3,
            web_acl_id=inputs.edge_acl_arn,
            default_behavior=self._behavior(api_id),
        )

    def _behavior(self, api_id: str) -> cloudfront.BehaviorOptions:
        address = cloudfront.Function(
            self,
            "ViewerAddress",
            code=cloudfront.FunctionCode.from_inline(_VIEWER_ADDRESS),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
            comment="sends the viewer's IP address to the API",
        )
        return cloudfront.BehaviorOptions(
            origin=origins.HttpOrigin(
                f"{api_id}.execute-api.{Aws.REGION}.{Aws.URL_SUFFIX}",
                protocol_policy=cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
                origin_ssl_protocols=[cloudfront.OriginSslPolicy.TLS_V1_2],
                # CloudFormation resolves it; the template has only a reference to the secret.
                custom_headers={SECRET_HEADER: self._secret.secret_value.unsafe_unwrap()},
            ),
            allowed_methods=cloudfront.AllowedMethods.ALLOW_ALL,
            cache_policy=cloudfront.CachePolicy.CACHING_DISABLED,
            origin_request_policy=cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
            viewer_protocol_policy=cloudfront.ViewerProtocolPolicy.HTTPS_ONLY,
            function_associations=[
                cloudfront.FunctionAssociation(
                    function=address, event_type=cloudfront.FunctionEventType.VIEWER_REQUEST
                )
            ],
        )

from tests.support.aws_fixtures import ministack_aws, ministack_url, moto_aws

__all__ = ["ministack_aws", "ministack_url", "moto_aws"]

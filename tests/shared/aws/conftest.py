from tests.support.aws_fixtures import moto_aws

__all__ = ["moto_aws"]

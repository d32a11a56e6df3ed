import pytest
from botocore.exceptions import ClientError

from shared.aws.clients import Clients
from shared.aws.incoming import S3IncomingMails
from shared.ports import ReplyUnreadable
from tests.support.aws import REGION, Aws


@pytest.fixture
def mails(moto_aws: Aws) -> S3IncomingMails:
    """A bucket with one mail of five bytes."""
    assert moto_aws.environment
    clients = Clients()
    s3 = clients.get("s3")
    s3.create_bucket(Bucket="received", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="received", Key="replies/one", Body=b"12345")
    return S3IncomingMails("received", clients, largest=5)


def test_a_mail_is_read_as_it_arrived(mails: S3IncomingMails) -> None:
    assert mails.read("one") == b"12345"


@pytest.mark.usefixtures("mails")
def test_a_mail_that_is_too_large_is_not_read() -> None:
    smaller = S3IncomingMails("received", Clients(), largest=4)

    with pytest.raises(ReplyUnreadable, match="larger than 4 bytes"):
        smaller.read("one")


def test_a_mail_that_is_missing_fails_so_that_lambda_tries_again(mails: S3IncomingMails) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        mails.read("two")

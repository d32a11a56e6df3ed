"""Receiving answers to invitations: the receipt rule, the bucket and what each may do."""

import pytest

from tests.support.template import Template, attribute, texts

pytestmark = pytest.mark.long

RULE = "AWS::SES::ReceiptRule"
RULE_SET = "calendar-service-production"


def test_a_mail_to_the_domain_is_stored_and_then_given_to_the_function(
    production: Template,
) -> None:
    _, made = production.one(RULE)
    bucket, _ = production.one("AWS::S3::Bucket")
    function, _ = production.function("rsvp")

    rule = made["Rule"]
    assert (True, True, ["rsvp.mail.example.com"]) == (
        rule["Enabled"],
        rule["ScanEnabled"],
        rule["Recipients"],
    )
    assert [
        {"S3Action": {"BucketName": {"Ref": bucket}, "ObjectKeyPrefix": "replies/"}},
        {"LambdaAction": {"FunctionArn": attribute(function), "InvocationType": "Event"}},
    ] == rule["Actions"]


def test_the_rule_is_created_after_what_it_needs(production: Template) -> None:
    (rule,) = production.all(RULE).values()
    needed = {
        name
        for kind in (
            "AWS::S3::BucketPolicy",
            "AWS::SES::ReceiptRuleSet",
        )
        for name in production.all(kind)
    }

    assert needed <= set(rule["DependsOn"])
    assert any(each.startswith("RepliesMayInvoke") for each in rule["DependsOn"])


def test_only_this_rule_may_store_mails_and_invoke_the_function(production: Template) -> None:
    policy, _ = production.one("AWS::S3::BucketPolicy")
    allowed = [each for each in production.policy(policy) if each["Effect"] == "Allow"]
    _, permission = production.one("AWS::Lambda::Permission", "RepliesMayInvoke")

    assert [({"Service": "ses.amazonaws.com"}, ["s3:PutObject"])] == [
        (each["Principal"], each["Action"]) for each in allowed
    ]
    condition = allowed[0]["Condition"]["StringEquals"]
    source = f":receipt-rule-set/{RULE_SET}:receipt-rule/{RULE_SET}"
    assert {"Ref": "AWS::AccountId"} == condition["aws:SourceAccount"]
    assert "".join(texts(condition["aws:SourceArn"])).endswith(source)
    assert ("ses.amazonaws.com", {"Ref": "AWS::AccountId"}) == (
        permission["Principal"],
        permission["SourceAccount"],
    )
    assert condition["aws:SourceArn"] == permission["SourceArn"]


def test_the_bucket_is_private_encrypted_and_forgets(production: Template) -> None:
    _, bucket = production.one("AWS::S3::Bucket")
    policy, _ = production.one("AWS::S3::BucketPolicy")
    (denied,) = [each for each in production.policy(policy) if each["Effect"] == "Deny"]

    assert {True} == set(bucket["PublicAccessBlockConfiguration"].values())
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert {"SSEAlgorithm": "AES256"} == rule["ServerSideEncryptionByDefault"]
    (lifecycle,) = bucket["LifecycleConfiguration"]["Rules"]
    assert ("Enabled", 15) == (lifecycle["Status"], lifecycle["ExpirationInDays"])
    assert {"Bool": {"aws:SecureTransport": "false"}} == denied["Condition"]


def test_the_function_that_sends_mail_knows_the_domain(production: Template) -> None:
    variables = production.function("calendar_sync")[1]["Environment"]["Variables"]

    assert "rsvp.mail.example.com" == variables["RSVP_DOMAIN"]


def test_a_reply_that_cannot_be_recorded_is_a_dead_letter(production: Template) -> None:
    dead, _ = production.one("AWS::SQS::Queue", "QueuesRepliesDead")

    assert {"TargetArn": attribute(dead)} == production.function("rsvp")[1]["DeadLetterConfig"]


def test_the_outputs_name_the_dns_record_and_the_rule_set(production: Template) -> None:
    outputs = production.content["Outputs"]

    assert ["rsvp.mail.example.com MX 10 inbound-smtp.", ".amazonaws.com"] == [
        each for each in outputs["RsvpMx"]["Value"]["Fn::Join"][1] if isinstance(each, str)
    ]
    assert RULE_SET == outputs["ReceiptRuleSet"]["Value"]


def test_without_a_domain_nothing_receives_mail(dev: Template) -> None:
    kinds = {each["Type"] for each in dev.content["Resources"].values()}
    handlers = [each["Properties"]["Handler"] for each in dev.all("AWS::Lambda::Function").values()]

    assert not {RULE, "AWS::SES::ReceiptRuleSet", "AWS::S3::Bucket"} & kinds
    assert not [each for each in handlers if "rsvp" in each]
    assert "RSVP_DOMAIN" not in dev.function("calendar_sync")[1]["Environment"]["Variables"]

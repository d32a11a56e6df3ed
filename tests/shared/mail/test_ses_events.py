import json
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidRequest
from shared.domain.invite import DeliveryState, Notification, invite_id
from shared.mail.ses_events import NotificationUnreadable, notification_from_ses
from tests.support.lambda_events import payload, ses_event

MESSAGE_ID = "010701a2b3c4d5e6-0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0-000000"
SENT_AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TAGS: dict[str, Any] = {
    "event_id": "session-1",
    "invite_id": invite_id("ada@example.org"),
    "attempt": 1,
}
USER_UNKNOWN = "smtp; 550 5.1.1 user unknown"
OVER_QUOTA = "smtp; 452 4.2.2 mailbox over quota"


def at(hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 11, 23, hour, minute, second, tzinfo=UTC)


def tagged(state: DeliveryState, when: datetime, **fields: Any) -> Notification:
    return Notification(state=state, message_id=MESSAGE_ID, at=when, **{**TAGS, **fields})


def untagged(state: DeliveryState, when: datetime, **fields: Any) -> Notification:
    return Notification(state=state, message_id=MESSAGE_ID, at=when, **fields)


def read(event: Any) -> Notification | None:
    return notification_from_ses(json.dumps(event))


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    """Return an event with the value at a dotted path replaced, or removed if it is `...`."""
    event = deepcopy(ses_event(name))
    *parents, name_of_field = path.split(".")
    parent = event
    for each in parents:
        parent = parent[each]
    if value is ...:
        del parent[name_of_field]
    else:
        parent[name_of_field] = value
    return event


EXPECTED = {
    "send": tagged(DeliveryState.SENT, SENT_AT),
    "delivery": tagged(DeliveryState.DELIVERED, at(8, 0, 3)),
    "delivery_delay": tagged(DeliveryState.DELAYED, at(8, 10), diagnostic=OVER_QUOTA),
    "bounce_permanent": tagged(
        DeliveryState.BOUNCED,
        at(8, 0, 5),
        bounce_type="Permanent/General",
        diagnostic=USER_UNKNOWN,
    ),
    "bounce_transient": tagged(
        DeliveryState.BOUNCED,
        at(8, 0, 5),
        bounce_type="Transient/MailboxFull",
        diagnostic=OVER_QUOTA,
    ),
    "complaint": tagged(DeliveryState.COMPLAINT, at(9, 30), diagnostic="abuse"),
    "complaint_suppressed": tagged(
        DeliveryState.COMPLAINT, at(9, 30), bounce_type="OnAccountSuppressionList"
    ),
    "reject": tagged(DeliveryState.REJECTED, SENT_AT, diagnostic="Bad content"),
    "rendering_failure": tagged(
        DeliveryState.FAILED,
        SENT_AT,
        diagnostic="Attribute 'name' is not present in the rendering data.",
    ),
    "identity_bounce": untagged(
        DeliveryState.BOUNCED,
        at(8, 0, 5),
        bounce_type="Permanent/NoEmail",
        diagnostic=USER_UNKNOWN,
    ),
    "identity_complaint": untagged(DeliveryState.COMPLAINT, at(9, 30), diagnostic="abuse"),
    "identity_delivery": untagged(DeliveryState.DELIVERED, at(8, 0, 3)),
}
SILENT = ("complaint_not_spam", "subscription", "open", "click", "identity_set_up", "topic_set_up")


@pytest.mark.parametrize("name", EXPECTED)
def test_every_type_has_its_state_and_time(name: str) -> None:
    assert EXPECTED[name] == read(ses_event(name))


@pytest.mark.parametrize("name", SILENT)
def test_an_event_without_a_delivery_status_is_ignored(name: str) -> None:
    text = payload("ses_notifications", name)["Records"][0]["Sns"]["Message"]

    assert notification_from_ses(text) is None


@pytest.mark.parametrize(
    ("kind", "sub_type"),
    [
        ("Undetermined", "Undetermined"),
        *(
            ("Permanent", each)
            for each in ("General", "NoEmail", "Suppressed", "OnAccountSuppressionList")
        ),
        *(
            ("Transient", each)
            for each in (
                "General",
                "MailboxFull",
                "MessageTooLarge",
                "ContentRejected",
                "AttachmentRejected",
                "CustomTimeoutExceeded",
            )
        ),
    ],
)
def test_every_bounce_has_its_type_and_subtype(kind: str, sub_type: str) -> None:
    event = changed("bounce_permanent", "bounce.bounceType", kind)
    event["bounce"]["bounceSubType"] = sub_type

    result = read(event)

    assert result is not None
    assert (DeliveryState.BOUNCED, f"{kind}/{sub_type}") == (result.state, result.bounce_type)


@pytest.mark.parametrize("feedback", ["abuse", "auth-failure", "fraud", "other", "virus", None])
def test_every_feedback_except_not_spam_is_a_complaint(feedback: str | None) -> None:
    result = read(changed("complaint", "complaint.complaintFeedbackType", feedback))

    assert result is not None
    assert (DeliveryState.COMPLAINT, feedback) == (result.state, result.diagnostic)


def test_a_bounce_with_another_spelling_of_the_address_is_matched_by_its_tags() -> None:
    event = ses_event("bounce_permanent")
    event["bounce"]["bouncedRecipients"][0]["emailAddress"] = "Ada@mailbox.example.org"

    assert EXPECTED["bounce_permanent"] == read(event)


@pytest.mark.parametrize(
    "tags",
    [
        {},
        None,
        [],
        {"event": ["session-1"]},
        {"event": ["session-1"], "invite": ["a"], "attempt": ["first"]},
        {"event": ["session-1"], "invite": ["a"], "attempt": ["²"]},
        {"event": ["session-1"], "invite": ["a"], "attempt": ["-1"]},
        {"event": ["session-1"], "invite": ["a", "b"], "attempt": ["1"]},
        {"event": "session-1", "invite": "a", "attempt": "1"},
        {"event": [""], "invite": ["a"], "attempt": ["1"]},
        {"event": ["e" * 257], "invite": ["a"], "attempt": ["1"]},
        {"event": ["a\nb"], "invite": ["a"], "attempt": ["1"]},
    ],
)
def test_tags_of_other_mail_are_ignored(tags: Any) -> None:
    result = read(changed("delivery", "mail.tags", tags))

    assert untagged(DeliveryState.DELIVERED, at(8, 0, 3)) == result


def test_timestamps_are_converted_to_utc() -> None:
    result = read(changed("delivery", "delivery.timestamp", "2026-11-23T01:00:03.000-07:00"))

    assert EXPECTED["delivery"] == result


def test_a_diagnostic_is_one_line_of_limited_length() -> None:
    event = ses_event("bounce_permanent")
    code = "550\r\n\x1b[31mgo\u2028away\ud800 " + "x" * 9000
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = code

    result = read(event)

    assert result is not None
    assert f"550 [31mgo away {'x' * 484}" == result.diagnostic


@pytest.mark.parametrize(
    ("recipients", "diagnostic"),
    [
        ([{"emailAddress": "a@example.org", "status": "5.1.1"}], "5.1.1"),
        ([{"emailAddress": "a@example.org", "action": "failed"}], "failed"),
        ([{"emailAddress": "a@example.org"}], None),
        ([{"diagnosticCode": 550}], None),
        ([], None),
        (["a@example.org"], None),
        (None, None),
    ],
)
def test_a_bounce_without_a_diagnostic_code_uses_the_next_best_field(
    recipients: Any, diagnostic: str | None
) -> None:
    result = read(changed("bounce_permanent", "bounce.bouncedRecipients", recipients))

    assert result is not None
    assert diagnostic == result.diagnostic


def test_a_delay_without_a_diagnostic_code_uses_its_type() -> None:
    result = read(changed("delivery_delay", "deliveryDelay.delayedRecipients", []))

    assert result is not None
    assert "MailboxFull" == result.diagnostic


MALFORMED = [
    changed("bounce_permanent", "eventType", "Bounced"),
    changed("bounce_permanent", "eventType", "Received"),
    changed("bounce_permanent", "eventType", ...),
    changed("bounce_permanent", "eventType", None),
    changed("bounce_permanent", "eventType", ["Bounce"]),
    changed("bounce_permanent", "eventType", "bounce"),
    changed("bounce_permanent", "bounce", ...),
    changed("bounce_permanent", "bounce", []),
    changed("bounce_permanent", "bounce.bounceType", ...),
    changed("bounce_permanent", "bounce.bounceSubType", 7),
    changed("bounce_permanent", "bounce.timestamp", "yesterday"),
    changed("bounce_permanent", "bounce.timestamp", "2026-11-23T08:00:05"),
    changed("bounce_permanent", "bounce.timestamp", "0001-01-01T00:00:00+14:00"),
    changed("bounce_permanent", "bounce.timestamp", 1795420805),
    changed("bounce_permanent", "bounce.timestamp", None),
    changed("bounce_permanent", "mail", ...),
    changed("bounce_permanent", "mail.messageId", ...),
    changed("bounce_permanent", "mail.messageId", ""),
    changed("bounce_permanent", "mail.messageId", "x" * 201),
    changed("bounce_permanent", "mail.messageId", "a\nb"),
    changed("bounce_permanent", "mail.messageId", 7),
    changed("send", "mail.timestamp", ...),
    changed("complaint", "complaint", None),
    [],
    "text",
    7,
    None,
]


@pytest.mark.parametrize("event", MALFORMED)
def test_an_undocumented_event_is_unreadable(event: Any) -> None:
    with pytest.raises(NotificationUnreadable) as caught:
        read(event)

    assert isinstance(caught.value, InvalidRequest)


@pytest.mark.parametrize(
    "text", ["", "{", "nonsense", "[" * 100_000, '{"eventType": NaN}', "\x00", "\ud800"]
)
def test_text_that_is_not_json_is_unreadable(text: str) -> None:
    with pytest.raises(NotificationUnreadable):
        notification_from_ses(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(EXPECTED)), part=st.sampled_from(["mail", ""]), data=st.data())
def test_random_json_never_raises_another_error(name: str, part: str, data: st.DataObject) -> None:
    event = ses_event(name)
    target = event[part] if part else event
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(JSON)

    try:
        result = read(event)
    except NotificationUnreadable:
        return

    assert result is None or result.at.utcoffset() is not None

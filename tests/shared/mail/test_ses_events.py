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


def told(state: DeliveryState, when: datetime, **more: Any) -> Notification:
    return Notification(state=state, message_id=MESSAGE_ID, at=when, **{**TAGS, **more})


def untagged(state: DeliveryState, when: datetime, **more: Any) -> Notification:
    return Notification(state=state, message_id=MESSAGE_ID, at=when, **more)


def read(event: Any) -> Notification | None:
    return notification_from_ses(json.dumps(event))


def changed(name: str, path: str, value: Any) -> dict[str, Any]:
    """An event with what stands at a dotted path replaced, or with `...` left out."""
    event = deepcopy(ses_event(name))
    *above, last = path.split(".")
    place = event
    for each in above:
        place = place[each]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return event


TOLD = {
    "send": told(DeliveryState.SENT, SENT_AT),
    "delivery": told(DeliveryState.DELIVERED, at(8, 0, 3)),
    "delivery_delay": told(DeliveryState.DELAYED, at(8, 10), diagnostic=OVER_QUOTA),
    "bounce_permanent": told(
        DeliveryState.BOUNCED,
        at(8, 0, 5),
        bounce_type="Permanent/General",
        diagnostic=USER_UNKNOWN,
    ),
    "bounce_transient": told(
        DeliveryState.BOUNCED,
        at(8, 0, 5),
        bounce_type="Transient/MailboxFull",
        diagnostic=OVER_QUOTA,
    ),
    "complaint": told(DeliveryState.COMPLAINT, at(9, 30), diagnostic="abuse"),
    "complaint_suppressed": told(
        DeliveryState.COMPLAINT, at(9, 30), bounce_type="OnAccountSuppressionList"
    ),
    "reject": told(DeliveryState.REJECTED, SENT_AT, diagnostic="Bad content"),
    "rendering_failure": told(
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


@pytest.mark.parametrize("name", TOLD)
def test_every_type_tells_its_state_at_the_time_it_happened(name: str) -> None:
    assert TOLD[name] == read(ses_event(name))


@pytest.mark.parametrize("name", SILENT)
def test_what_says_nothing_of_arrival_tells_nothing(name: str) -> None:
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
def test_every_bounce_is_final_and_keeps_its_type(kind: str, sub_type: str) -> None:
    event = changed("bounce_permanent", "bounce.bounceType", kind)
    event["bounce"]["bounceSubType"] = sub_type

    found = read(event)

    assert found is not None
    assert (DeliveryState.BOUNCED, f"{kind}/{sub_type}") == (found.state, found.bounce_type)


@pytest.mark.parametrize("feedback", ["abuse", "auth-failure", "fraud", "other", "virus", None])
def test_every_feedback_but_not_spam_is_a_complaint(feedback: str | None) -> None:
    found = read(changed("complaint", "complaint.complaintFeedbackType", feedback))

    assert found is not None
    assert (DeliveryState.COMPLAINT, feedback) == (found.state, found.diagnostic)


def test_a_bounce_of_another_spelling_of_the_address_is_found_by_its_tags() -> None:
    event = ses_event("bounce_permanent")
    event["bounce"]["bouncedRecipients"][0]["emailAddress"] = "Ada@mailbox.example.org"

    assert TOLD["bounce_permanent"] == read(event)


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
def test_tags_that_are_not_ours_are_no_tags(tags: Any) -> None:
    found = read(changed("delivery", "mail.tags", tags))

    assert untagged(DeliveryState.DELIVERED, at(8, 0, 3)) == found


def test_offsets_are_read_as_utc() -> None:
    found = read(changed("delivery", "delivery.timestamp", "2026-11-23T01:00:03.000-07:00"))

    assert TOLD["delivery"] == found


def test_a_diagnostic_is_one_bounded_line() -> None:
    event = ses_event("bounce_permanent")
    code = "550\r\n\x1b[31mgo\u2028away\ud800 " + "x" * 9000
    event["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = code

    found = read(event)

    assert found is not None
    assert f"550 [31mgo away {'x' * 484}" == found.diagnostic


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
def test_a_bounce_without_a_report_tells_what_there_is(
    recipients: Any, diagnostic: str | None
) -> None:
    found = read(changed("bounce_permanent", "bounce.bouncedRecipients", recipients))

    assert found is not None
    assert diagnostic == found.diagnostic


def test_a_delay_without_a_report_tells_its_type() -> None:
    found = read(changed("delivery_delay", "deliveryDelay.delayedRecipients", []))

    assert found is not None
    assert "MailboxFull" == found.diagnostic


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
def test_what_ses_does_not_document_is_kept_for_a_person(event: Any) -> None:
    with pytest.raises(NotificationUnreadable) as caught:
        read(event)

    assert isinstance(caught.value, InvalidRequest)


@pytest.mark.parametrize(
    "text", ["", "{", "nonsense", "[" * 100_000, '{"eventType": NaN}', "\x00", "\ud800"]
)
def test_what_is_no_json_is_kept_for_a_person(text: str) -> None:
    with pytest.raises(NotificationUnreadable):
        notification_from_ses(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted(TOLD)), part=st.sampled_from(["mail", ""]), data=st.data())
def test_no_json_brings_down_the_reader(name: str, part: str, data: st.DataObject) -> None:
    event = ses_event(name)
    place = event[part] if part else event
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JSON)

    try:
        found = read(event)
    except NotificationUnreadable:
        return

    assert found is None or found.at.utcoffset() is not None

"""Example request bodies for the OpenAPI document: SNS messages, without a valid signature."""

import json
from collections.abc import Mapping
from typing import Any

_TOPIC = "arn:aws:sns:eu-central-1:123456789012:mail-notifications"
_SIGNED = {
    "SignatureVersion": "2",
    "Signature": "EXAMPLEw6JRN",
    "SigningCertURL": "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-0.pem",
}
_DELIVERY = {
    "eventType": "Delivery",
    "mail": {"messageId": "0100017f-example", "timestamp": "2030-03-05T08:59:58.000Z"},
    "delivery": {"timestamp": "2030-03-05T09:00:00.000Z", "recipients": ["learner@example.org"]},
}

EXAMPLES: Mapping[str, Mapping[str, Any]] = {
    "sesNotifications": {
        "a delivery": {
            "Type": "Notification",
            "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
            "TopicArn": _TOPIC,
            "Message": json.dumps(_DELIVERY),
            "Timestamp": "2030-03-05T09:00:00.000Z",
            **_SIGNED,
        },
        "confirming the subscription": {
            "Type": "SubscriptionConfirmation",
            "MessageId": "165545c9-2a5c-472c-8df2-7ff2be2b3b1b",
            "Token": "2336412f37fb687f5d51e6e2425e90cf",
            "TopicArn": _TOPIC,
            "Message": "You have chosen to subscribe to the topic.",
            "SubscribeURL": "https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription",
            "Timestamp": "2030-03-05T09:00:00.000Z",
            **_SIGNED,
        },
    },
}

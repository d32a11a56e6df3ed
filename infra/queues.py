"""Figures of the queues as data, used by the stack and the local run."""

from datetime import timedelta

SYNC_MAX_RECEIVES = 100
"""Receives before a sync message is a dead letter. Each wait for a provider uses up one."""

SYNC_VISIBILITY = timedelta(seconds=120)
"""Visibility timeout of a sync message. A worker must finish, or time out, before it ends."""

WEBHOOK_MAX_RECEIVES = 500
"""Receives before a delivery is a dead letter. Each wait for a retry or a place uses up one."""

WEBHOOK_VISIBILITY = timedelta(seconds=60)
"""Visibility timeout of a delivery. A worker must finish, or time out, before it ends."""

QUEUE_RETENTION = timedelta(days=14)
"""How long a queue stores a message, which is also the time to redrive dead letters."""

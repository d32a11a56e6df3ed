"""The sync queue's figures as data, read by the stack and the local run."""

from datetime import timedelta

SYNC_MAX_RECEIVES = 100
"""How often a message comes before it is dead: waiting for a provider costs a receive each time."""

SYNC_VISIBILITY = timedelta(seconds=120)
"""How long a received message is hidden; a worker must be done, or cut off, before that."""

KEPT_FOR = timedelta(days=14)
"""How long a queue keeps a message; for dead letters the time there is to re-drive them."""

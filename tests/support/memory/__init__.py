"""In-memory stores: small, thread-safe, with the guarantees of the ports."""

from tests.support.memory.bookings import MemoryBookings
from tests.support.memory.events import MemoryEvents, MemoryQueue
from tests.support.memory.invites import MemoryInvites
from tests.support.memory.people import MemoryPeople
from tests.support.memory.records import MemoryUserRecords
from tests.support.memory.tables import Memory, MemoryParked, MemoryPending, MemoryUnsynced
from tests.support.memory.webhooks import MemoryWebhookQueue, MemoryWebhooks

__all__ = [
    "Memory",
    "MemoryBookings",
    "MemoryEvents",
    "MemoryInvites",
    "MemoryParked",
    "MemoryPending",
    "MemoryPeople",
    "MemoryQueue",
    "MemoryUnsynced",
    "MemoryUserRecords",
    "MemoryWebhookQueue",
    "MemoryWebhooks",
]

"""Stores over an AWS in memory."""

import pytest

from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from tests.support.aws import Aws


@pytest.fixture
def tables(moto_aws: Aws) -> Tables:
    """Both tables, empty."""
    return moto_aws.tables()


@pytest.fixture
def people(tables: Tables) -> DynamoPeople:
    """The users of those tables."""
    return DynamoPeople(tables)


@pytest.fixture
def events(tables: Tables) -> DynamoEvents:
    """The events of those tables."""
    return DynamoEvents(tables)


@pytest.fixture
def bookings(tables: Tables) -> DynamoBookings:
    """The bookings of those tables."""
    return DynamoBookings(tables)

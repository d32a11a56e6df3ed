"""Stores over DynamoDB in memory."""

import pytest

from shared.stores.bookings import DynamoBookings
from shared.stores.events import DynamoEvents
from shared.stores.people import DynamoPeople
from shared.stores.tables import Tables
from tests.support.aws import Aws
from tests.support.aws_fixtures import ministack_aws, ministack_url, moto_aws

__all__ = ["ministack_aws", "ministack_url", "moto_aws"]


@pytest.fixture
def tables(moto_aws: Aws) -> Tables:
    """Both tables, empty."""
    return moto_aws.tables()


@pytest.fixture
def people(tables: Tables) -> DynamoPeople:
    """The store of users."""
    return DynamoPeople(tables)


@pytest.fixture
def events(tables: Tables) -> DynamoEvents:
    """The store of events."""
    return DynamoEvents(tables)


@pytest.fixture
def bookings(tables: Tables) -> DynamoBookings:
    """The store of bookings."""
    return DynamoBookings(tables, pause=lambda _: None)

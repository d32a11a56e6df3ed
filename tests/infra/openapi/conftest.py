"""The OpenAPI document, generated once for these tests."""

from typing import Any

import pytest

from infra.openapi.document import document


@pytest.fixture(scope="package")
def generated() -> dict[str, Any]:
    """The document generated from the current code."""
    return document()

"""The document, made once for these tests."""

from typing import Any

import pytest

from infra.openapi.document import document


@pytest.fixture(scope="package")
def made() -> dict[str, Any]:
    """The document as the code says it now."""
    return document()

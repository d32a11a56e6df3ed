"""One synthesis for all tests of the stack."""

import os

import pytest

from tests.support.synthesis import Synthesis, synthesised
from tests.support.template import Template


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Every stage's stack, made once for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    # With several test processes each has its base below one they share.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return synthesised(shared / "synthesis")


@pytest.fixture(scope="session")
def production(synthesis: Synthesis) -> Template:
    """The stack of the production stage, with every option."""
    return synthesis.template("production")


@pytest.fixture(scope="session")
def dev(synthesis: Synthesis) -> Template:
    """The stack of the dev stage, with no option."""
    return synthesis.template("dev")

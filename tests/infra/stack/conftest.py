"""One synthesis, shared by all tests of the stack."""

import os

import pytest

from tests.support.synthesis import Synthesis, synthesized
from tests.support.template import Template


@pytest.fixture(scope="session")
def synthesis(tmp_path_factory: pytest.TempPathFactory) -> Synthesis:
    """Every stage's stack, synthesized once for all test processes of a run."""
    base = tmp_path_factory.getbasetemp()
    # Each xdist process has its own base folder, below a folder that all share.
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    return synthesized(shared / "synthesis")


@pytest.fixture(scope="session")
def production(synthesis: Synthesis) -> Template:
    """The stack of the production stage, with every input."""
    return synthesis.template("production")


@pytest.fixture(scope="session")
def dev(synthesis: Synthesis) -> Template:
    """The stack of the dev stage, with only the required inputs."""
    return synthesis.template("dev")

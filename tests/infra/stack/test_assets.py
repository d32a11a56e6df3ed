from pathlib import Path

import pytest

from infra.stack.assets import Assets
from infra.stages import StageError
from layers.functions import build_functions


def test_a_function_that_is_not_built_is_an_error_that_names_the_make_target(
    tmp_path: Path,
) -> None:
    with pytest.raises(StageError, match=r"status is missing or out of date.*make layers"):
        Assets(tmp_path).function("status")


def test_a_layer_that_is_not_built_is_an_error_that_names_the_make_target(tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"shared\.zip is missing.*make layers"):
        Assets(tmp_path).layer("shared")


def test_a_function_whose_source_changed_since_the_build_is_rejected(tmp_path: Path) -> None:
    build = build_functions(tmp_path) / "status"
    (build / "functions" / "status" / "handler.py").write_text("changed")

    with pytest.raises(StageError, match=r"status is missing or out of date.*make layers"):
        Assets(tmp_path).function("status")

from pathlib import Path

import pytest

from layers.measure import LIMIT_MEGABYTES, measure


def test_the_dependency_layer_is_within_its_limit_and_has_one_urllib3() -> None:
    size = measure()

    assert size.urllib3 == ("urllib3",)
    assert 20 < size.megabytes <= LIMIT_MEGABYTES


def test_a_fork_of_urllib3_counts_as_a_second_copy(tmp_path: Path) -> None:
    for name in ("urllib3", "urllib3-2.8.0.dist-info", "urllib3_future-2.17.dist-info"):
        (tmp_path / "python" / name).mkdir(parents=True)

    assert ("urllib3", "urllib3_future") == measure(tmp_path).urllib3


def test_the_size_is_the_sum_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "python").mkdir()
    (tmp_path / "python" / "first").write_bytes(b"x" * 1_500_000)
    (tmp_path / "second").write_bytes(b"y" * 500_000)

    assert 2.0 == measure(tmp_path).megabytes


def test_a_missing_layer_is_an_error_that_names_the_make_target(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Build it with `make layers`"):
        measure(tmp_path / "missing")

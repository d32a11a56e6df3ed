"""The table that the benchmarks print, and their exit code."""

import pytest

from tests.benchmarks import layer
from tests.benchmarks.figures import Figure, exit_code, table
from tests.benchmarks.work import Work


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (Figure(name="x", value=4, bound=4), 0),
        (Figure(name="x", value=5, bound=4), 1),
        (Figure(name="x", value=5, bound=4, counted=False), 0),
        (Figure(name="x", value=99, bound=100, at_least=True), 1),
        (Figure(name="x", value=100, bound=100, at_least=True), 0),
        (Figure(name="x", value=5), 0),
        (Figure(name="x", value=None, how="not built"), 0),
    ],
)
def test_only_a_counted_figure_over_its_bound_sets_the_exit_code(
    figure: Figure, expected: int
) -> None:
    assert expected == exit_code([Figure(name="within", value=1, bound=1), figure])


def test_every_row_shows_value_bound_and_measurement() -> None:
    rows = [
        Figure(name="requests", value=5, bound=4),
        Figure(
            name="throughput", value=120.5, bound=100, at_least=True, how="timed", counted=False
        ),
        Figure(name="layer", value=None, how="not built: run `make layers`"),
    ]

    _, _, *lines = table(rows).splitlines()

    assert [[cell.strip() for cell in each.strip("|").split("|")] for each in lines] == [
        ["requests", "5", "≤ 4", "counted  EXCEEDED"],
        ["throughput", "120.5", "≥ 100", "timed"],
        ["layer", "none", "", "not built: run `make layers`"],
    ]


def test_the_work_is_the_same_every_time_and_starts_on_half_hours() -> None:
    one, again = Work(100), Work(100)

    assert one.as_json() == again.as_json()
    assert {0} == {edge % 30 for each in one.people for span in each.busy for edge in span}
    assert 0 < len(one.available()) < len(Work(0).available())


def test_the_layer_has_a_row_whether_built_or_not() -> None:
    assert "dependency layer, MB" == layer.figures()[0].name

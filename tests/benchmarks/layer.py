"""The size of the deployed dependency layer: arm64, unzipped."""

from layers.measure import LIMIT_MEGABYTES, measure
from tests.benchmarks.figures import Figure


def figures() -> list[Figure]:
    """Measure the layer that `make layers` built."""
    try:
        size = measure()
    except FileNotFoundError:
        return [Figure(name="dependency layer, MB", value=None, how="not built: run `make layers`")]
    return [
        Figure(name="dependency layer, MB", value=size.megabytes, bound=LIMIT_MEGABYTES),
        Figure(name="copies of urllib3 in it", value=len(size.urllib3), bound=1),
    ]

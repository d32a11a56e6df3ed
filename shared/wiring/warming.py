"""What a Lambda function does while it starts."""

from collections.abc import Callable

from shared.settings import is_lambda


def warm(*builders: Callable[[], object]) -> None:
    """Build what a function needs for every request, where this process is a Lambda function.

    It has a whole processor while it starts, and a share of one once it answers; with SnapStart
    what is built here is part of the snapshot.
    """
    if is_lambda():
        for build in builders:
            build()

"""Publishes SES reports to the deployed SNS topic."""

from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any, Self


class DeployedTopic:
    """Publishes in one thread, in order, until the end of the block."""

    def __init__(self, sns: Any, arn: str) -> None:
        self._sns = sns
        self._arn = arn
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="topic")

    def __enter__(self) -> Self:
        """Return this object."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Cancel pending messages and wait for the one being published."""
        self._pool.shutdown(cancel_futures=True)

    def submit(self, payload: Any) -> Future[None]:
        """Publish the SNS message in a Lambda payload; SNS signs and delivers it."""
        return self._pool.submit(self._publish, payload["Records"][0]["Sns"]["Message"])

    def _publish(self, message: str) -> None:
        self._sns.publish(TopicArn=self._arn, Message=message)

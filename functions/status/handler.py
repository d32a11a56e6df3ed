"""GET /health, and the answer for every path that no route names."""

from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from shared import VERSION
from shared.api.app import PUBLIC, App
from shared.api.envelope import answer

app = App()


@app.get("/health", security=PUBLIC)
def health() -> Response[str]:
    """Say that the process is up, having touched nothing downstream."""
    return answer({"status": "ok", "version": VERSION}, "The service is up.")


def lambda_handler(payload: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer an API Gateway v2 payload."""
    return app.handle(payload, context)

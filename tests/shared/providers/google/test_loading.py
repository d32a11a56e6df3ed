import subprocess
import sys

_HEAVY = ("google.auth", "httpx", "requests", "googleapiclient")


def loaded_after(statement: str) -> set[str]:
    """The heavy packages a fresh process has loaded after that import."""
    look = f"import sys; {statement}; print(*(n for n in {_HEAVY!r} if n in sys.modules))"
    told = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", look], check=True, capture_output=True, text=True
    )
    return set(told.stdout.split())


def test_reading_a_google_calendar_does_not_load_the_authorization_library() -> None:
    assert {"httpx"} == loaded_after("import shared.providers.google.calendar")


def test_refreshing_a_google_token_does_not_load_requests_or_the_api_client() -> None:
    assert {"httpx", "google.auth"} == loaded_after("import shared.providers.google.oauth")

"""The packages that importing one part of the service imports, and those it must not."""

import subprocess
import sys

_HEAVY = ("google.auth", "httpx", "requests", "googleapiclient")


def loaded_after(statement: str) -> set[str]:
    """Return the heavy packages a new process has imported after that statement."""
    script = f"import sys; {statement}; print(*(n for n in {_HEAVY!r} if n in sys.modules))"
    process = subprocess.run(  # noqa: S603 - our own interpreter and text
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    return set(process.stdout.split())


def test_reading_a_google_calendar_does_not_load_the_authorization_library() -> None:
    assert {"httpx"} == loaded_after("import shared.providers.google.calendar")


def test_refreshing_a_google_token_does_not_load_requests_or_the_api_client() -> None:
    assert {"httpx", "google.auth"} == loaded_after("import shared.providers.google.oauth")


def test_reading_calendars_loads_neither_msal_nor_icalendar() -> None:
    script = (
        "import sys, shared.providers.microsoft.calendar;"
        "print([each for each in ('msal', 'icalendar', 'requests') if each in sys.modules])"
    )

    process = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert "[]" == process.stdout.strip()


def test_ports_settings_and_domain_load_no_calendar_packages() -> None:
    modules = "shared.ports, shared.settings, shared.domain.copy, shared.domain.errors"
    heavy = "{'caldav', 'icalendar', 'requests', 'lxml', 'niquests'}"
    script = f"import sys, {modules}; sys.exit(len({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0  # noqa: S603 - our own script

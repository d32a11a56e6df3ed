"""Time zone names of mailboxes."""

import pytest

from shared.providers.microsoft.zones import iana


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("New Zealand Standard Time", "Pacific/Auckland"),
        ("Hawaiian Standard Time", "Pacific/Honolulu"),
        ("UTC", "UTC"),
        ("Europe/Zurich", "Europe/Zurich"),
        ("tzone://Microsoft/Custom", None),
        ("Customized Time Zone", None),
        ("", None),
        ("../etc/passwd", None),
        (None, None),
        (7, None),
    ],
)
def test_a_mailbox_zone_is_converted_to_iana(name: object, expected: str | None) -> None:
    assert expected == iana(name)

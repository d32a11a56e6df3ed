"""The part of a provider's error that is safe to repeat: its code, never its text."""

import re
from typing import Any

_CODE = re.compile(r"[A-Za-z][A-Za-z_.-]{0,63}")


def code(value: Any) -> str | None:
    """Return `value` if it is an error code, such as invalid_grant, else None.

    An error code is short and made of letters. Other text could quote the request, including a
    token, and the result is stored, logged and shown to users.
    """
    return value if isinstance(value, str) and _CODE.fullmatch(value) else None

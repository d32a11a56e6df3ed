"""What of a provider's error may be repeated: its code, never its prose."""

import re
from typing import Any

_CODE = re.compile(r"[A-Za-z][A-Za-z_.-]{0,63}")


def code(told: Any) -> str | None:
    """Return what a provider told, if it is an error code, such as invalid_grant; else None.

    Codes are short and of letters. Anything else might quote the request, with a token in it, and
    what is repeated here is stored, logged and shown.
    """
    return told if isinstance(told, str) and _CODE.fullmatch(told) else None

"""OAuth tokens as they are sealed: one JSON text, opened only for a piece of work."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthCredential:
    """The tokens of one connection; `refresh_token` is None when the provider never gave one."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """Return the text to seal."""
        return json.dumps(
            {
                "access_token": self.access_token,
                "refresh_token": self.refresh_token,
                "expires_at": self.expires_at.astimezone(UTC).isoformat(),
                "scopes": sorted(self.scopes),
            }
        )

    @classmethod
    def from_text(cls, text: str) -> "OAuthCredential":
        """Return the tokens that `to_text` wrote."""
        read = json.loads(text)
        return cls(
            access_token=read["access_token"],
            refresh_token=read["refresh_token"],
            expires_at=datetime.fromisoformat(read["expires_at"]),
            scopes=frozenset(read["scopes"]),
        )

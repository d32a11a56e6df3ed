"""OAuth tokens as one JSON text, which is encrypted for storage."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthCredential:
    """The tokens of one connection; `refresh_token` is None if the provider never sent one."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: datetime
    scopes: frozenset[str] = frozenset()

    def to_text(self) -> str:
        """Return the text to encrypt."""
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
        """Parse the text that `to_text` returned."""
        fields = json.loads(text)
        return cls(
            access_token=fields["access_token"],
            refresh_token=fields["refresh_token"],
            expires_at=datetime.fromisoformat(fields["expires_at"]),
            scopes=frozenset(fields["scopes"]),
        )

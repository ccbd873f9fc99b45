"""What an OAuth2 login is made of: what an administrator gives, and what the provider's token server adds to it."""

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

RENEWED_BEFORE = timedelta(minutes=5)
"""So long before its end a token is renewed: a session must not outlive it in the middle."""

_USUAL_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True)
class OAuth2:
    """A refresh token (RFC 6749, 6), or without one the client's own credentials (4.4), with which access tokens are
    had at `token_url`; and the access token of now, if there is one."""

    token_url: str
    client_id: str
    client_secret: str | None = None
    refresh_token: str | None = None
    scope: str | None = None
    access_token: str | None = None
    expires_at: str | None = None

    def __repr__(self) -> str:
        return "OAuth2(...)"

    @classmethod
    def read(cls, text: str) -> Self:
        """From what `text` wrote."""
        return cls(**json.loads(text))

    def text(self) -> str:
        """As it is sealed."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None})

    def usable_token(self, now: datetime) -> str | None:
        """The access token, as long as it is not about to end."""
        ends = datetime.fromisoformat(self.expires_at) if self.expires_at else None
        return self.access_token if ends and now < ends - RENEWED_BEFORE else None

    def form(self) -> dict[str, str]:
        """What the token server is asked."""
        asked = {"client_id": self.client_id, "client_secret": self.client_secret, "scope": self.scope}
        if self.refresh_token:
            asked |= {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        else:
            asked |= {"grant_type": "client_credentials"}
        return {name: value for name, value in asked.items() if value}

    def answered(self, answer: dict[str, Any], now: datetime) -> Self:
        """With what the token server has answered (RFC 6749, 5.1); a new refresh token takes the old one's place.
        Raises ValueError for an answer without a token."""
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise ValueError("no token")
        try:
            lifetime = timedelta(seconds=float(answer.get("expires_in") or 0)) or _USUAL_LIFETIME
            expires_at = (now + lifetime).isoformat()
        except (TypeError, ValueError, OverflowError):
            expires_at = (now + _USUAL_LIFETIME).isoformat()
        newer = answer.get("refresh_token")
        refresh_token = newer if self.refresh_token and isinstance(newer, str) and newer else self.refresh_token
        return replace(self, access_token=token, expires_at=expires_at, refresh_token=refresh_token)

"""What goes in and out of the routes of logging in, registering and passwords."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.http.payloads import Payload, Stored, View
from api.identity.schemas.people import Email, MailedTokenText, OneLine, Password, Slug


class LoginBody(Payload):
    email: Email
    password: Password
    tenant: Annotated[Stored | None, Field(max_length=63, description="Slug; the first membership without it.")] = None


class TokenView(View):
    """`expires_in` is in seconds, of the access token. The refresh token is good for one use, within seven days."""

    access_token: str
    refresh_token: str
    token_type: str = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int


class AccessView(View):
    """An access token for another tenant; the session keeps its refresh token. `expires_in` is in seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int
    tenant: str


class RefreshBody(Payload):
    refresh_token: MailedTokenText


class SwitchTenantBody(Payload):
    tenant: Slug


class RegisterBody(Payload):
    tenant: Slug
    email: Email
    password: Password
    full_name: OneLine


class AccountMailView(View):
    """What happens next, whether there is an account with this address or not."""

    email: str
    detail: str


class EmailBody(Payload):
    email: Email


class VerifyEmailBody(Payload):
    token: MailedTokenText


class VerifiedView(View):
    email: str
    email_verified: bool


class ResetPasswordBody(Payload):
    token: Annotated[MailedTokenText, Field(description="Of the mail that a reset or an invitation was sent with.")]
    password: Password
    full_name: Annotated[
        OneLine | None,
        Field(description="With an invitation: what a newcomer is called, where not as the invitation says."),
    ] = None


class ChangePasswordBody(Payload):
    current_password: Password
    password: Password


class SessionView(View):
    """A login that lasts; `current` is the one that asks. All times are UTC."""

    id: UUID
    tenant: str
    current: bool
    address: str
    user_agent: str | None
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime

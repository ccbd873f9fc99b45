"""What goes in and out of the login routes."""

from typing import Annotated

from pydantic import EmailStr, Field, StringConstraints

from api.schemas.base import Payload, View


class LoginBody(Payload):
    email: EmailStr
    password: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=False)]
    tenant: Annotated[str | None, Field(max_length=63, description="Slug; needed by who belongs to several.")] = None


class TokenView(View):
    """`expires_in` is in seconds."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105  the scheme's name
    expires_in: int

"""The demo people as HTTP clients: each logs in once in a session, because a login costs a tenth of a second."""

import httpx2

from runtime.settings import Settings

PATIENCE = httpx2.Timeout(30.0)
MANY = httpx2.Limits(max_connections=200, max_keepalive_connections=200)
TRUSTED = httpx2.create_ssl_context()
"""Made once: each client would make one of its own, which takes longer than to ask something."""


class People:
    """Who uses the API at `address`."""

    def __init__(self, address: str) -> None:
        self.nobody = self._client(address)
        self._address = address
        self._logged_in: dict[str, httpx2.AsyncClient] = {}

    async def log_in(self, email: str) -> httpx2.AsyncClient:
        """A client that speaks as this person; paths are relative to `/api/v1/`."""
        if email not in self._logged_in:
            password = Settings.model_fields["demo_password"].default.get_secret_value()
            answer = await self.nobody.post("auth/login", json={"email": email, "password": password})
            assert answer.status_code == 200, answer.text
            self._logged_in[email] = self._client(self._address, answer.json()["access_token"])
        return self._logged_in[email]

    async def close(self) -> None:
        """Closes every connection."""
        for client in (self.nobody, *self._logged_in.values()):
            await client.aclose()

    def _client(self, address: str, token: str | None = None) -> httpx2.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx2.AsyncClient(
            base_url=f"{address}/api/v1/", headers=headers, timeout=PATIENCE, limits=MANY, verify=TRUSTED
        )

"""A page asks the database a dozen things at most, however many rows it shows."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import httpx2
import pytest
from psycopg import AsyncCursor
from pydantic import SecretStr

from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from tests.stack.belongings import Belongings
from tests.stack.running_stack import RunningStack
from tests.web.conftest import Arrive
from web.app import create_app

MOST = 12
_NOT_ASKED = ("COMMIT", "BEGIN", "ROLLBACK", "SELECT set_config", "SELECT pg_catalog.")


@contextmanager
def counting() -> Iterator[list[str]]:
    """What is asked of the database meanwhile, without what begins and ends transactions."""
    asked: list[str] = []
    execute = AsyncCursor.execute

    async def counted(cursor: Any, query: Any, *arguments: Any, **given: Any) -> Any:
        if isinstance(query, str) and not query.startswith(_NOT_ASKED):
            asked.append(query)
        return await execute(cursor, query, *arguments, **given)

    with patch.object(AsyncCursor, "execute", counted):
        yield asked


@pytest.fixture(scope="module")
async def pages(stack: RunningStack) -> AsyncIterator[httpx2.ASGITransport]:
    """The pages of the running stack, in this process."""
    app = create_app(
        Settings(
            home=stack.home,
            embedded=True,
            database_url=SecretStr(stack.app_url.replace("postgresql:", "postgresql+psycopg:")),
            temporal_address=f"127.0.0.1:{stack.ports['TEMPORAL']}",
            jwt_private_key=SecretStr(load_or_create(stack.home).jwt_private_key),
        )
    )
    async with app.router.lifespan_context(app):
        yield httpx2.ASGITransport(app)


@pytest.mark.parametrize(
    ("who", "path"),
    [
        ("agent", "/tickets"),
        ("agent", "/tickets/views/counts"),
        ("agent", "/tickets/{ticket_id}"),
        ("agent", "/customers"),
        ("agent", "/customers/{customer_id}"),
        ("agent", "/quotes"),
        ("agent", "/quotes/{quote_id}"),
        ("reviewer", "/inbox"),
        ("manager", "/waiting"),
        ("admin", "/settings/people"),
        ("client", "/"),
        ("client", "/tickets"),
        ("client", "/tickets/{ticket_id}"),
        ("client", "/quotes"),
    ],
)
async def test_a_page_asks_few_things(
    pages: httpx2.ASGITransport, arrive: Arrive, acme: Belongings, who: str, path: str
) -> None:
    visitor = await arrive(f"{who}@acme.example")
    address = f"/{acme.path(path)}"
    async with httpx2.AsyncClient(
        transport=pages,
        base_url=visitor.client.base_url,
        cookies=visitor.client.cookies,
        headers=visitor.client.headers,
    ) as here:
        first = await here.get(address)
        assert first.status_code == 200, first.text[:500]
        with counting() as asked:
            await here.get(address)
    assert 0 < len(asked) <= MOST, "\n".join(asked)

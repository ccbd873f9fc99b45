"""What every answer tells a browser, who may call from another origin, and the documentation page."""

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr

from ops.embedded.secrets import load_or_create, new_secret_key
from tests.api.demo_house import House, client, house
from tests.stack.databases import Copy

ORIGIN = "https://desk.example"

IDENT = "01980000-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
async def listed(api_home: Path, api_database: Copy) -> AsyncIterator[House]:
    """An API that pages of one other origin may call."""
    async with house(api_home, api_database, cors_origins=f"{ORIGIN}/, https://other.example") as opened:
        yield opened


@pytest.fixture(scope="module")
async def production(api_home: Path, api_database: Copy) -> AsyncIterator[House]:
    """An API in production, as far as one may be that has no TLS to its database and its engine."""
    async with house(
        api_home,
        api_database,
        env="production",
        allow_unencrypted_database=True,
        allow_unencrypted_temporal=True,
        link_private_key=SecretStr(load_or_create(api_home).link_private_key),
        secret_keys=SecretStr(new_secret_key()),
        smtp_url=SecretStr("smtps://mail.example"),
        public_url="https://desk.example",
        api_docs=False,
    ) as opened:
        yield opened


ANSWERS = [
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/docs", 200),
    ("GET", "/static/docs.js", 200),
    ("GET", "/static/nothing", 404),
    ("GET", "/nowhere", 404),
    ("PUT", "/api/v1/auth/login", 405),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/v1/tickets", 401),
    ("POST", "/api/v1/auth/login", 422),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_answer_has_them(in_house: House, method: str, path: str, status: int) -> None:
    answer = await in_house.nobody.request(method, path)
    assert answer.status_code == status, answer.text
    _assert_guarded(answer)


async def test_a_refused_body_has_them(in_house: House) -> None:
    answer = await in_house.nobody.post("/api/v1/auth/login", content=b"x" * 2_000_000)
    assert answer.status_code == 413
    _assert_guarded(answer)


async def test_a_defect_has_them_and_says_nothing(in_house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(in_house.app.state.services.metrics, "text", broken)
    answer = await client(in_house.app, defects_raise=False).get("/metrics", headers={"X-Correlation-Id": IDENT})
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "internal_error"
    assert answer.headers["x-correlation-id"] == IDENT
    assert "secret" not in answer.text
    _assert_guarded(answer)


async def test_what_the_api_says_is_kept_by_no_cache(in_house: House) -> None:
    agent = await in_house.person("agent@acme.example")
    assert (await agent.get("/api/v1/tickets")).headers["cache-control"] == "no-store"


async def test_https_is_insisted_on_in_production_only(in_house: House, production: House) -> None:
    assert "strict-transport-security" not in (await in_house.nobody.get("/healthz")).headers
    assert "max-age=63072000" in (await production.nobody.get("/healthz")).headers["strict-transport-security"]


async def test_no_origin_is_allowed_unless_listed(in_house: House, listed: House) -> None:
    for opened, origin in ((in_house, ORIGIN), (listed, "https://evil.example"), (listed, "null")):
        answer = await opened.nobody.get("/healthz", headers={"Origin": origin})
        assert answer.status_code == 200
        assert "access-control-allow-origin" not in answer.headers


async def test_a_listed_origin_may_ask_and_read_what_it_needs(listed: House) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization, idempotency-key, if-match",
    }
    preflight = await listed.nobody.options("/api/v1/tickets", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    _assert_guarded(preflight)
    answer = await listed.nobody.get("/api/v1/tickets", headers={"Origin": ORIGIN})
    assert answer.status_code == 401
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert "access-control-allow-credentials" not in answer.headers
    assert "etag" in answer.headers["access-control-expose-headers"].lower()


async def test_the_documentation_needs_no_other_host(in_house: House) -> None:
    page = await in_house.nobody.get("/docs")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "script-src 'self';" in policy
    referred = _Referred()
    referred.feed(page.text)
    assert len(referred.addresses) == 4
    assert not referred.scripts_in_the_page
    for address in referred.addresses:
        assert re.match(r"static/", address)
        assert (await in_house.nobody.get(f"/{address}")).status_code == 200
    script = (await in_house.nobody.get("/static/docs.js")).text
    [described] = re.findall(r'url: "(.+?)"', script)
    assert (await in_house.nobody.get(f"/{described}")).json()["openapi"].startswith("3.")


async def test_the_documentation_can_be_switched_off(production: House) -> None:
    for path in ("/docs", "/api/v1/openapi.json", "/openapi.json", "/redoc"):
        assert (await production.nobody.get(path)).status_code == 404


async def test_what_is_vendored_comes_with_its_license(in_house: House) -> None:
    answer = await in_house.nobody.get("/static/swagger-ui/LICENSE")
    assert answer.status_code == 200
    assert "Apache License" in answer.text


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/static/%00"])
async def test_nothing_else_is_served(in_house: House, path: str) -> None:
    assert (await in_house.nobody.get(path)).status_code == 404


def _assert_guarded(answer: httpx2.Response) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-correlation-id"]


class _Referred(HTMLParser):
    """What a page refers to."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.scripts_in_the_page = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if address := given.get("src") or given.get("href"):
            self.addresses.append(address)
        elif tag in ("script", "style"):
            self.scripts_in_the_page += 1

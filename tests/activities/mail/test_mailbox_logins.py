"""How a mailbox is logged in to: passwords, tokens that are had anew, and where it may be at all."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.mail.fetching import Ended
from domain.mail.oauth import OAuth2
from domain.mail.states import LoginKind, MailboxState, Security
from models.database import Database
from stores.mail.rotation import rotate
from stores.mail.secrets import Secrets
from tests.activities.mail.imap import RealImap
from tests.activities.mail.mailbox import KEY, SECRETS, Mailbox, new_mailbox
from tests.activities.mail.tokens import TokenImap, TokenServer, listening


@pytest.fixture
async def provider() -> AsyncIterator[tuple[TokenServer, TokenImap]]:
    tokens, imap = TokenServer(), TokenImap()
    async with listening(tokens), listening(imap):
        yield tokens, imap


async def _by_token(database: Database, home: Path, provider: tuple[TokenServer, TokenImap], **known: Any) -> Mailbox:
    tokens, imap = provider
    login = OAuth2(tokens.url, "us", "Canary-client", **({"refresh_token": tokens.refresh_token} | known))
    return await new_mailbox(database, home, imap.port, login=LoginKind.OAUTH2, secret_text=login.text())


async def _sealed(box: Mailbox) -> OAuth2:
    row = await box.row()
    return OAuth2.read(SECRETS.open(row.tenant_id, row.id, row.secret or b""))


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
async def test_a_token_is_had_and_kept_until_it_is_about_to_end(
    database: Database, tmp_path: Path, provider: tuple[TokenServer, TokenImap], mechanism: str
) -> None:
    tokens, imap = provider
    imap.mechanism, imap.takes = mechanism, {"token-1", "token-2"}
    box = await _by_token(database, tmp_path, provider)
    for _ in range(2):
        assert (await box.fetch()).ended is Ended.IN_TIME
    assert len(tokens.asked) == 1
    assert tokens.asked[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "Canary-refresh",
        "client_id": "us",
        "client_secret": "Canary-client",
    }
    tokens.lifetime = 60
    soon = (datetime.now(UTC) + timedelta(minutes=2)).isoformat()
    known = await _sealed(box)
    row = await box.row()
    ends = OAuth2.read(known.text().replace(known.expires_at or "", soon))
    await box.change(secret=SECRETS.seal(row.tenant_id, row.id, ends.text()))
    assert (await box.fetch()).ended is Ended.IN_TIME
    assert (len(tokens.asked), (await _sealed(box)).access_token) == (2, "token-2")


async def test_one_that_is_refused_is_had_anew_and_a_new_refresh_token_takes_over(
    database: Database, tmp_path: Path, provider: tuple[TokenServer, TokenImap]
) -> None:
    tokens, imap = provider
    tokens.rotates, imap.takes = True, {"token-1"}
    box = await _by_token(database, tmp_path, provider)
    assert (await box.fetch()).ended is Ended.IN_TIME
    imap.takes = {"token-2"}
    assert (await box.fetch()).ended is Ended.IN_TIME
    assert imap.shown == ["token-1", "token-1", "token-2"]
    assert (await _sealed(box)).refresh_token == "Canary-refresh-2"
    assert tokens.asked[1]["refresh_token"] == "Canary-refresh-1"


async def test_workers_at_once_have_one_token_anew(
    database: Database, tmp_path: Path, provider: tuple[TokenServer, TokenImap]
) -> None:
    tokens, imap = provider
    tokens.rotates, imap.takes = True, {"token-1"}
    box = await _by_token(database, tmp_path, provider)
    turns = await asyncio.gather(*(box.fetch() for _ in range(5)))
    assert [turn.ended for turn in turns] == [Ended.IN_TIME] * 5
    assert (len(tokens.asked), set(imap.shown)) == (1, {"token-1"})


async def test_a_client_may_log_in_by_itself(
    database: Database, tmp_path: Path, provider: tuple[TokenServer, TokenImap]
) -> None:
    tokens, imap = provider
    imap.takes = {"token-1"}
    box = await _by_token(database, tmp_path, provider, refresh_token=None, scope="mail")
    assert (await box.fetch()).ended is Ended.IN_TIME
    assert tokens.asked[0] == {
        "grant_type": "client_credentials",
        "client_id": "us",
        "client_secret": "Canary-client",
        "scope": "mail",
    }


@pytest.mark.parametrize(("says", "code"), [(400, "token_refused"), (500, "token_failed"), (302, "token_failed")])
async def test_a_token_server_that_gives_none(
    database: Database, tmp_path: Path, provider: tuple[TokenServer, TokenImap], says: int, code: str
) -> None:
    provider[0].says = says
    box = await _by_token(database, tmp_path, provider)
    fetched = await box.fetch()
    assert fetched.standing
    assert (fetched.ended, fetched.standing.last_error) == (Ended.FAILED, code)
    assert "Canary" not in repr(fetched)


async def test_three_errors_make_it_failing_and_one_good_turn_active(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port, secret_text="Canary-wrong")
    turns = [await box.fetch() for _ in range(4)]
    assert [turn.pause_seconds for turn in turns] == [5, 10, 900, 900]
    states = [turn.standing.state for turn in turns if turn.standing]
    assert states == [MailboxState.ACTIVE, MailboxState.ACTIVE, MailboxState.FAILING, MailboxState.FAILING]
    row = await box.row()
    assert (row.errors, row.last_error) == (4, "login_refused")
    await box.change(secret=SECRETS.seal(row.tenant_id, row.id, "Canary-of-the-mailbox"))
    assert (await box.fetch()).ended is Ended.IN_TIME
    row = await box.row()
    assert (row.state, row.errors, row.last_error) == (MailboxState.ACTIVE, 0, None)


async def test_a_server_that_is_away_is_tried_ever_more_seldom(database: Database, tmp_path: Path) -> None:
    box = await new_mailbox(database, tmp_path, 1)
    assert [(await box.fetch()).pause_seconds for _ in range(9)] == [5, 10, 30, 60, 120, 240, 480, 900, 900]
    assert (await box.row()).last_error == "connect_failed"


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1", "host_refused"),
        ("localhost", "host_refused"),
        ("10.0.0.1", "host_refused"),
        ("no-such-host.invalid", "host_unknown"),
    ],
)
async def test_nobody_is_led_into_the_house(database: Database, tmp_path: Path, host: str, code: str) -> None:
    box = await new_mailbox(database, tmp_path, 143, host=host)
    fetched = await box.fetch(private=False)
    assert fetched.standing
    assert fetched.standing.last_error == code


async def test_what_no_key_opens_is_said(database: Database, imap: RealImap) -> None:
    box = await new_mailbox(database, imap.home, imap.port)
    box.secrets = Secrets([bytes(32)])
    fetched = await box.fetch()
    assert fetched.standing
    assert fetched.standing.last_error == "secret_unreadable"


async def test_keys_change_while_it_is_fetched(database: Database, imap: RealImap) -> None:
    new = bytes(range(32))
    box = await new_mailbox(database, imap.home, imap.port)
    assert (await box.fetch()).ended is Ended.IN_TIME
    box.secrets = Secrets([new, KEY])
    assert (await box.fetch()).ended is Ended.IN_TIME
    await rotate(database, box.secrets)
    assert (await box.fetch()).ended is Ended.IN_TIME
    box.secrets = Secrets([new])
    imap.send()
    assert (await box.fetch()).kept == 1


async def test_without_encryption_where_there_must_be_one_nothing_is_said(database: Database, imap: RealImap) -> None:
    for security, code in ((Security.TLS, "tls_failed"), (Security.STARTTLS, "starttls_missing")):
        box = await new_mailbox(database, imap.home, imap.port, security=security)
        fetched = await box.fetch()
        assert fetched.standing
        assert fetched.standing.last_error == code

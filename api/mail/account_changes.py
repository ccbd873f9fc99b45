"""Writes what an administrator says of a mailbox into its rows."""

import secrets as random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.problems import conflict, field_error, not_found
from api.http.references import require_there
from api.identity.callers import Caller
from api.mail.account_schemas import (
    IMAP_PORTS,
    SMTP_PORTS,
    MailAccountBody,
    MailAccountChanges,
    OAuth2Body,
    SinceBody,
    SmtpBody,
)
from domain.mail.mailbox import MailboxRef
from domain.mail.oauth import OAuth2
from domain.mail.reach import again_since
from domain.mail.states import After, LoginKind, MailboxState, Source, Start, Waits
from models.mail import MailAccount, MailAccountAddress
from models.tickets import AgentGroup, TicketCategory
from stores.mail.accounts import account_of
from stores.mail.keeping import leave_server
from stores.mail.secrets import NoSecretKeys, Secrets

_TOKEN_BYTES = 24

_WHERE = ("host", "port", "security", "username")
"""Whoever is asked for the secret, and as whom."""


async def find(session: AsyncSession, caller: Caller, mailbox_id: UUID, *, lock: bool = False) -> MailAccount:
    """The caller's mailbox, else a 404 problem; with `lock` until the transaction ends."""
    found = await account_of(session, MailboxRef(caller.tenant_id, mailbox_id), lock=lock)
    if found is None:
        raise not_found("mailbox")
    return found


async def addresses_of(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The addresses of mailboxes, each's own first."""
    found = await session.scalars(
        sa.select(MailAccountAddress)
        .where(col(MailAccountAddress.account_id).in_(account_ids))
        .order_by(col(MailAccountAddress.place))
    )
    by_account: dict[UUID, list[str]] = {account_id: [] for account_id in account_ids}
    for row in found:
        by_account[row.account_id].append(row.address)
    return by_account


async def write_new(
    session: AsyncSession, caller: Caller, account_id: UUID, body: MailAccountBody, secrets: Secrets
) -> None:
    """Makes the mailbox. Raises 409 `address_taken`, and problems for what it refers to."""
    await _require_references(session, caller.tenant_id, body)
    fields = body.model_dump(
        include={
            *("name", "source", "host", "security", "username", "folder", "after", "move_to", "plus_addressing"),
            *("authserv_id", "group_id", "category_id", "language", "size_limit"),
        }
    )
    imap = body.source is Source.IMAP
    account = MailAccount(
        id=account_id,
        tenant_id=caller.tenant_id,
        **fields,
        port=body.port or (IMAP_PORTS[body.security] if imap else None),
        inbound_token=None if imap else random.token_urlsafe(_TOKEN_BYTES),
    )
    _set_start(account, body.start)
    _set_smtp(account, body.smtp, secrets)
    _set_login(account, body, secrets)
    session.add(account)
    await session.flush()
    await _set_addresses(session, account, [body.address, *body.aliases])


async def write_changes(
    session: AsyncSession, account: MailAccount, body: MailAccountChanges, secrets: Secrets
) -> list[str]:
    """Changes a locked mailbox; returns which fields. What was read already is known; another folder, another server or
    another start is read from its beginning. Raises as `write_new`, 422 `secret_required` and `move_to_missing`."""
    await _require_references(session, account.tenant_id, body)
    given = body.given()
    before = {name: getattr(account, name) for name in (*_WHERE, "folder")}
    for name, value in given.items():
        if name in {"start", "smtp", "address", "aliases", "password", "oauth2", "signing_key"}:
            continue
        setattr(account, name, value)
    if "security" in given and "port" not in given and account.source is Source.IMAP:
        account.port = IMAP_PORTS[account.security]
    moved = any(before[name] != getattr(account, name) for name in _WHERE)
    if not _set_login(account, body, secrets) and moved and account.secret is not None:
        raise field_error("password", "secret_required", "Another server needs the password or token anew.")
    if account.after is After.MOVE and account.move_to is None:
        raise field_error("move_to", "move_to_missing", "Name the folder that mails are moved to.")
    if body.start is not None:
        _set_start(account, body.start)
    await _begin_anew(session, account, before, started=body.start is not None)
    if "smtp" in given:
        _set_smtp(account, body.smtp, secrets)
    if "address" in given or "aliases" in given:
        old = (await addresses_of(session, [account.id]))[account.id]
        await _set_addresses(session, account, [given.get("address", old[0]), *given.get("aliases", old[1:])])
    touch(account)
    await session.flush()
    return sorted(given)


async def _begin_anew(session: AsyncSession, account: MailAccount, before: dict[str, Any], *, started: bool) -> None:
    """Has the folder read from its beginning, as far back as it must: another server has the same mails under other
    UIDs, another folder or start is connected now."""
    elsewhere = before["host"] != account.host or before["username"] != account.username
    anew = started or before["folder"] != account.folder
    if not elsewhere and not anew:
        return
    now = datetime.now(UTC)
    if elsewhere:
        await leave_server(session, account)
        account.again_since = again_since(now, account.last_looked_at)
    if anew:
        account.again_since, account.connected_at = None, now
    account.uid_validity, account.last_uid, account.from_uid = None, 0, None


def touch(account: MailAccount) -> None:
    """Has whoever fetches the mailbox begin anew with what it is now; earlier errors count no more."""
    account.changed, account.updated_at = account.changed + 1, datetime.now(UTC)
    account.errors = 0


def pause(account: MailAccount) -> None:
    """Has nobody fetch the mailbox."""
    account.state, account.waits = MailboxState.PAUSED, Waits.PERSON
    touch(account)


def resume(account: MailAccount) -> None:
    """Has it fetched again."""
    account.state, account.waits = MailboxState.ACTIVE, Waits.NOTHING
    touch(account)


def _set_start(account: MailAccount, start: Start | SinceBody) -> None:
    since = start.since if isinstance(start, SinceBody) else None
    account.start, account.since = (Start.SINCE, since) if isinstance(start, SinceBody) else (start, None)


def _set_login(account: MailAccount, body: MailAccountBody | MailAccountChanges, secrets: Secrets) -> bool:
    """Seals what logs in, where it is given; returns whether it is."""
    if (body.signing_key is not None) == (account.source is Source.IMAP) and _gives_secret(body):
        field = "signing_key" if body.signing_key else "password"
        raise field_error(field, "login_unsuitable", "This is not how mail of this source is proven.")
    if body.oauth2 is not None:
        account.login, text = LoginKind.OAUTH2, _oauth2(body.oauth2).text()
    elif secret := body.password or body.signing_key:
        account.login, text = LoginKind.PASSWORD, secret.get_secret_value()
    else:
        return False
    account.secret = _sealed(account, text, secrets)
    return True


def _gives_secret(body: MailAccountBody | MailAccountChanges) -> bool:
    return any(each is not None for each in (body.password, body.oauth2, body.signing_key))


def _set_smtp(account: MailAccount, smtp: SmtpBody | None, secrets: Secrets) -> None:
    if smtp is None:
        account.smtp_host = account.smtp_port = account.smtp_security = None
        account.smtp_username = account.smtp_secret = None
        return
    port = smtp.port or SMTP_PORTS[smtp.security]
    there = (account.smtp_host, account.smtp_port, account.smtp_security, account.smtp_username)
    account.smtp_host, account.smtp_port, account.smtp_security = smtp.host, port, smtp.security
    account.smtp_username = smtp.username
    if smtp.password is not None:
        account.smtp_secret = _sealed(account, smtp.password.get_secret_value(), secrets)
    elif smtp.username is None:
        account.smtp_secret = None
    elif account.smtp_secret is None or there != (smtp.host, port, smtp.security, smtp.username):
        raise field_error("smtp.password", "secret_required", "This server needs a password.")


def _sealed(account: MailAccount, text: str, secrets: Secrets) -> bytes:
    try:
        return secrets.seal(account.tenant_id, account.id, text)
    except NoSecretKeys:
        raise conflict(
            "secret_keys_missing", "This installation has no CASEWRIGHT_SECRET_KEYS to seal it with."
        ) from None


def _oauth2(body: OAuth2Body) -> OAuth2:
    return OAuth2(
        body.token_url,
        body.client_id,
        body.client_secret.get_secret_value() if body.client_secret else None,
        body.refresh_token.get_secret_value() if body.refresh_token else None,
        body.scope,
    )


async def _set_addresses(session: AsyncSession, account: MailAccount, addresses: list[str]) -> None:
    wanted = list(dict.fromkeys(addresses))
    # One change of the tenant's addresses at a time: two could otherwise both find one free.
    lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"mail_address/{account.tenant_id}"))
    await session.execute(sa.select(lock))
    taken = await session.scalar(
        sa.select(col(MailAccountAddress.address)).where(
            col(MailAccountAddress.tenant_id) == account.tenant_id,
            col(MailAccountAddress.address).in_(wanted),
            col(MailAccountAddress.account_id) != account.id,
        )
    )
    if taken is not None:
        raise conflict("address_taken", "Another mailbox has this address.", field=_field_of(taken, wanted))
    await session.execute(sa.delete(MailAccountAddress).where(col(MailAccountAddress.account_id) == account.id))
    rows: list[dict[str, Any]] = [
        {"tenant_id": account.tenant_id, "account_id": account.id, "address": address, "place": place}
        for place, address in enumerate(wanted)
    ]
    session.add_all(MailAccountAddress(**row) for row in rows)
    await session.flush()


def _field_of(taken: str, wanted: list[str]) -> str:
    return "address" if wanted[0] == taken else "aliases"


async def _require_references(
    session: AsyncSession, tenant_id: UUID, body: MailAccountBody | MailAccountChanges
) -> None:
    await require_there(session, tenant_id, AgentGroup, body.group_id, "group_id")
    await require_there(session, tenant_id, TicketCategory, body.category_id, "category_id")

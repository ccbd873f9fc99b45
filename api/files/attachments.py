"""Files that come with a message or another case: taking them, and showing them with it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.files.schemas import AttachedFileView
from api.http.problems import field_error
from api.identity.callers import Caller
from api.tickets.schemas import MessageView
from domain.files.states import FileStatus
from domain.files.types import FileType
from models.base import TenantRow
from models.files import StoredFile
from models.tickets import TicketMessage, TicketMessageFile


async def attach(
    session: AsyncSession, caller: Caller, of: Callable[..., TenantRow], file_ids: Sequence[UUID], **owner: UUID
) -> None:
    """Takes files for their `owner`, in this order; `of` is the table that ties them to it. Raises as `take_files`."""
    wanted = await take_files(session, caller, file_ids)
    session.add_all(
        of(tenant_id=caller.tenant_id, **owner, file_id=file_id, position=position)
        for position, file_id in enumerate(wanted)
    )


async def take_files(
    session: AsyncSession,
    caller: Caller,
    file_ids: Sequence[UUID],
    *,
    allowed: Collection[FileType] | None = None,
    fields: Mapping[UUID, str] | None = None,
) -> list[UUID]:
    """Takes finished files of the caller's own, so that nobody can take them again; returns each once, in this order.

    Raises 422 `file_unknown` when one of them is somebody else's, not there, or taken already, `file_type_refused` for
    one that is none of the `allowed` types. `fields` says where in the payload each stands, if not in `file_ids`.
    """
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    # In the order of the ids, so that two requests for the same files cannot deadlock.
    free = (
        sa.select(col(StoredFile.id), col(StoredFile.content_type))
        .where(
            col(StoredFile.tenant_id) == caller.tenant_id,
            col(StoredFile.id).in_(wanted),
            col(StoredFile.uploader_id) == caller.account_id,
            col(StoredFile.status) == FileStatus.STORED,
            col(StoredFile.attached_at).is_(None),
        )
        .order_by(col(StoredFile.id))
        .with_for_update()
    )
    types = {row.id: row.content_type for row in await session.execute(free)}
    if missing := set(wanted) - types.keys():
        place, first = next((place, file_id) for place, file_id in enumerate(file_ids) if file_id in missing)
        field = fields[first] if fields else f"file_ids.{place}"
        raise field_error(field, "file_unknown", "You have no such file, or it is attached to something already.")
    if allowed is not None and not set(types.values()) <= set(allowed):
        known = ", ".join(sorted(allowed))
        raise field_error("file_ids", "file_type_refused", f"Only files of these types are taken here: {known}.")
    await session.execute(
        sa.update(StoredFile)
        .where(col(StoredFile.id).in_(wanted))
        .values(attached_at=datetime.now(UTC))
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return wanted


async def message_views(session: AsyncSession, messages: Sequence[TicketMessage]) -> list[MessageView]:
    """The messages with their files, in one query however many they are."""
    files = await attached_files(session, TicketMessageFile, "message_id", [message.id for message in messages])
    return [MessageView.model_validate({**message.model_dump(), "files": files[message.id]}) for message in messages]


async def message_view(session: AsyncSession, message_id: UUID) -> MessageView:
    """One message with its files, in a single statement."""
    found = await session.execute(
        sa.select(TicketMessage, StoredFile)
        .outerjoin(TicketMessageFile, col(TicketMessageFile.message_id) == TicketMessage.id)
        .outerjoin(StoredFile, col(StoredFile.id) == TicketMessageFile.file_id)
        .where(col(TicketMessage.id) == message_id)
        .order_by(col(TicketMessageFile.position))
    )
    messages, files = zip(*found.all(), strict=True)
    views = [AttachedFileView.model_validate(file) for file in files if file]
    return MessageView.model_validate({**messages[0].model_dump(), "files": views})


async def attached_files(
    session: AsyncSession, attachment: type[TenantRow], owner: str, owner_ids: Sequence[UUID]
) -> defaultdict[UUID, list[AttachedFileView]]:
    """The files of each owner, in their order. `attachment` is the table that ties them to what its column `owner`
    names, by `file_id` and `position`."""
    table: sa.Table = attachment.__table__  # type: ignore[attr-defined]
    found = await session.execute(
        sa.select(table.c[owner], StoredFile)
        .join(StoredFile, col(StoredFile.id) == table.c.file_id)
        .where(table.c[owner].in_(owner_ids))
        .order_by(table.c[owner], table.c.position)
    )
    files: defaultdict[UUID, list[AttachedFileView]] = defaultdict(list)
    for owner_id, file in found:
        files[owner_id].append(AttachedFileView.model_validate(file))
    return files

"""Removes files that were cut off, forgotten or found infected: always both the row and the bytes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog
from sqlmodel import col
from temporalio import activity

from activities.progress import tell_that_it_goes_on
from domain.files.states import UNFINISHED_AFTER, UNUSED_AFTER, FileStatus, ScanResult
from models.catalogue import ProductFile
from models.database import Database
from models.files import StoredFile
from models.kyc import KycDocumentFile
from models.mail import Mail, MailPart
from models.quote_requests import QuoteRequestFile
from models.tickets import TicketMessageFile
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.tenants import tenant_ids, tenants_with_files_to_sweep

FILES_AT_ONCE = 100

log = structlog.get_logger(__name__)


class FileActivities:
    def __init__(
        self,
        database: Database,
        storage: FileStorage,
        scanner: VirusScanner,
        *,
        unfinished_after: timedelta = UNFINISHED_AFTER,
        unused_after: timedelta = UNUSED_AFTER,
    ) -> None:
        self._database = database
        self._storage = storage
        self._scanner = scanner
        self._unfinished_after = unfinished_after
        self._unused_after = unused_after

    @activity.defn(name="files.sweep")
    async def sweep(self) -> int:
        """Scans what is still to be scanned and removes uploads that were cut off, finished files that nobody used,
        infected ones, and bytes without a row; returns how many were removed. Raises StorageAway."""
        now, removed = datetime.now(UTC), 0
        unfinished_before = now - self._unfinished_after
        async with self._database.transaction() as session:
            known = set(await tenant_ids(session))
            concerned = await tenants_with_files_to_sweep(
                session, unfinished_before=unfinished_before, unused_before=now - self._unused_after
            )
        for tenant_id in concerned:
            tell_that_it_goes_on()
            await self._scan_pending(tenant_id)
            removed += await self._remove_expired(tenant_id)
        for tenant_id in known.intersection(await self._storage.tenants()):
            tell_that_it_goes_on()
            removed += await self._remove_unknown_objects(tenant_id)
        return removed + await self._storage.remove_unfinished(before=unfinished_before)

    async def _remove_expired(self, tenant_id: UUID) -> int:
        removed = 0
        while doomed := await self._doom_some(tenant_id):
            for file_id, key in doomed:
                tell_that_it_goes_on()
                # The row goes last: as long as there are bytes, a row must name them.
                await self._storage.delete(key)
                async with self._database.transaction(tenant_id) as session:
                    await session.execute(
                        sa.update(MailPart).where(col(MailPart.file_id) == file_id).values(file_id=None)
                    )
                    await session.execute(sa.delete(StoredFile).where(col(StoredFile.id) == file_id))
            removed += len(doomed)
        return removed

    async def _doom_some(self, tenant_id: UUID) -> list[tuple[UUID, str]]:
        """Marks some files for removal, so that nobody can attach them any more; returns their ids and keys.

        `tenants_with_files_to_sweep` must find whoever has any.
        """
        now = datetime.now(UTC)
        cut_off = (col(StoredFile.status) == FileStatus.UPLOADING) & (
            col(StoredFile.created_at) < now - self._unfinished_after
        )
        unused = (
            (col(StoredFile.status) == FileStatus.STORED)
            & col(StoredFile.attached_at).is_(None)
            & (col(StoredFile.stored_at) < now - self._unused_after)
        )
        some = (
            sa.select(col(StoredFile.id))
            .where(
                col(StoredFile.tenant_id) == tenant_id,
                cut_off | unused | (col(StoredFile.status) == FileStatus.REMOVING),
            )
            .order_by(col(StoredFile.created_at))
            .limit(FILES_AT_ONCE)
            .with_for_update(skip_locked=True)
        )
        async with self._database.transaction(tenant_id) as session:
            doomed = await session.execute(
                sa.update(StoredFile)
                .where(col(StoredFile.id).in_(some))
                .values(status=FileStatus.REMOVING)
                .returning(col(StoredFile.id), col(StoredFile.key))
                .execution_options(synchronize_session=False)
            )
            return [(row.id, row.key) for row in doomed]

    async def _remove_unknown_objects(self, tenant_id: UUID) -> int:
        """Removes bytes without a row: of an upload that finished after it had been given up, of a mail that was never
        kept.

        Only below the prefix of a tenant that this database knows: a storage may be shared, and what is unknown here
        may be another's.
        """
        removed = 0
        async for keys in self._storage.keys(tenant_id, before=datetime.now(UTC) - self._unfinished_after):
            tell_that_it_goes_on()
            async with self._database.transaction(tenant_id) as session:
                known = set[str | None]()
                for column in (col(StoredFile.key), col(Mail.raw_key)):
                    known |= set(await session.scalars(sa.select(column).where(column.in_(keys))))
            for key in keys:
                if key not in known:
                    await self._storage.delete(key)
                    removed += 1
        return removed

    async def _scan_pending(self, tenant_id: UUID) -> None:
        pending = (
            sa.select(StoredFile)
            .where(
                col(StoredFile.tenant_id) == tenant_id,
                col(StoredFile.status) == FileStatus.STORED,
                col(StoredFile.scan) == ScanResult.PENDING,
            )
            .order_by(col(StoredFile.created_at))
            .limit(FILES_AT_ONCE)
        )
        async with self._database.transaction(tenant_id) as session:
            files = list(await session.scalars(pending))
        for file in files:
            tell_that_it_goes_on()
            try:
                chunks = await self._storage.get(file.key, 0, file.size or 0)
            except FileNotFoundError:
                # The row is kept: a storage that is mounted wrongly looks just like this.
                log.error("file_bytes_missing", file_id=str(file.id))
                continue
            scan = await self._scanner.scan(chunks)
            if scan is ScanResult.PENDING:
                # It is still away; the next sweep asks again.
                return
            await self._note(file, scan)

    async def _note(self, file: StoredFile, scan: ScanResult) -> None:
        values: dict[str, object] = {"scan": scan}
        async with self._database.transaction(file.tenant_id) as session:
            if scan is ScanResult.INFECTED:
                for attached in (TicketMessageFile, KycDocumentFile, QuoteRequestFile, ProductFile):
                    await session.execute(sa.delete(attached).where(col(attached.file_id) == file.id))
                # A mail goes on to list it: its bytes are those of the mail, too.
                part = sa.update(MailPart).where(col(MailPart.file_id) == file.id)
                await session.execute(part.values(refused="file_infected"))
                values["status"] = FileStatus.REMOVING
            await session.execute(sa.update(StoredFile).where(col(StoredFile.id) == file.id).values(**values))

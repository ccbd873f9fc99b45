"""Whatever is wrong with a mail, nothing but a mail or the reason why there is none comes out.

`CASEWRIGHT_MAIL_MUTATIONS` says how many mails are tried, `CASEWRIGHT_MAIL_SEED` which.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator

from activities.mail.reader_child import READ_MAIL
from activities.mail.readers import Readers
from domain.mail.reading.content import ReadMail, Unreadable
from domain.mail.reading.parts import part_bytes
from domain.mail.reading.structure import structure_of
from tests.domain.mail.reading.corpus import LETTERS
from tests.domain.mail.reading.letters import ARRIVED
from tests.domain.mail.reading.mutations import mutations

COUNT = int(os.environ.get("CASEWRIGHT_MAIL_MUTATIONS", "1500"))
SEED = int(os.environ.get("CASEWRIGHT_MAIL_SEED", "14"))
AT_ONCE = 8


def unfit(mail: ReadMail) -> bool:
    """Whether Postgres would refuse what was read. Lone surrogates cannot be written as JSON at all."""
    return b"\\u0000" in READ_MAIL.dump_json(mail)


async def test_no_mutation_breaks_anything() -> None:
    readers = Readers()
    waiting = mutations([letter.raw for letter in LETTERS], COUNT, SEED)
    outcomes: Counter[str] = Counter()

    async def read_on(mails: Iterator[bytes]) -> None:
        for raw in mails:
            try:
                mail = await readers.read(raw, arrived_at=ARRIVED)
            except Unreadable as unreadable:
                outcomes[unreadable.code] += 1
                assert not structure_of(raw).top.header.fields, "only what has no header is unreadable"
                continue
            outcomes["read"] += 1
            outcomes.update(f"cut: {name}" for name in mail.cut)
            assert not unfit(mail)
            if mail.parts and not mail.cut:
                assert len(part_bytes(raw, mail.parts[-1].place)) == mail.parts[-1].size

    try:
        await asyncio.gather(*(read_on(waiting) for _ in range(AT_ONCE)))
    finally:
        await readers.close()
    assert outcomes["read"] + outcomes["unreadable"] == COUNT, outcomes
    assert outcomes["unreadable"] <= COUNT / 8, outcomes

"""What is sealed is opened by its row and its key, and by nothing else."""

import os
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.database import Database
from stores.mail.rotation import rotate
from stores.mail.secrets import NoSecretKeys, Secrets, SecretUnreadable
from tests.activities.mail.mailbox import KEY, new_mailbox

OLD, NEW = os.urandom(32), os.urandom(32)
TENANT, ROW = UUID(int=1), UUID(int=2)


@given(st.text(max_size=300))
def test_a_text_comes_back(text: str) -> None:
    sealed = Secrets([OLD]).seal(TENANT, ROW, text)
    assert Secrets([NEW, OLD]).open(TENANT, ROW, sealed) == text
    assert not text or len(text) < 4 or text.encode() not in sealed


def test_the_same_text_is_never_sealed_alike() -> None:
    assert Secrets([OLD]).seal(TENANT, ROW, "same") != Secrets([OLD]).seal(TENANT, ROW, "same")


@pytest.mark.parametrize(
    ("keys", "tenant", "row"),
    [([NEW], TENANT, ROW), ([OLD], uuid4(), ROW), ([OLD], TENANT, uuid4()), ([], TENANT, ROW)],
    ids=["another key", "another tenant", "another row", "no key"],
)
def test_nothing_else_opens_it(keys: list[bytes], tenant: UUID, row: UUID) -> None:
    sealed = Secrets([OLD]).seal(TENANT, ROW, "Canary")
    with pytest.raises(SecretUnreadable) as refused:
        Secrets(keys).open(tenant, row, sealed)
    assert str(refused.value) == ""


@given(st.data())
def test_whatever_is_altered_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(Secrets([OLD]).seal(TENANT, ROW, "Canary"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(SecretUnreadable):
        Secrets([OLD]).open(TENANT, ROW, bytes(sealed))


@given(st.binary(max_size=60))
def test_nor_does_anything_else(junk: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        Secrets([OLD]).open(TENANT, ROW, junk)


def test_without_keys_nothing_is_sealed_and_nothing_is_shown() -> None:
    with pytest.raises(NoSecretKeys):
        Secrets([]).seal(TENANT, ROW, "Canary")
    assert repr(Secrets([OLD])) == "Secrets(...)"


async def test_a_new_key_takes_over_and_the_old_one_can_go(database: Database, tmp_path: Path) -> None:
    box = await new_mailbox(database, tmp_path, 1)
    both = Secrets([NEW, KEY])
    first, again = await rotate(database, both), await rotate(database, both)
    assert first.sealed >= 1
    assert (again.sealed, again.unreadable) == (0, first.unreadable)
    row = await box.row()
    assert Secrets([NEW]).open(row.tenant_id, row.id, row.secret or b"") == "Canary-of-the-mailbox"

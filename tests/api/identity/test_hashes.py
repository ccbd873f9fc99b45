"""What is kept of a password in production."""

import pytest

from api.identity import hashes
from tests.stack.hashing import OF_PRODUCTION

OWASP = "$argon2id$v=19$m=19456,t=2,p=1$"
"""What OWASP's password storage cheat sheet asks for: 19 MiB, two passes, one lane."""
PASSWORD = "Right-of-way-2026"
WITH_BCRYPT = "$2b$04$D8h6MEKMihX0ln9FNyh7yO.RxBbnnOpo3i6plLhJXYVjJirRGJZpu"


@pytest.fixture(autouse=True)
def as_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashes, "_hasher", OF_PRODUCTION)


async def test_it_costs_what_it_should() -> None:
    kept = await hashes.hash_password(PASSWORD)
    assert kept.startswith(OWASP)
    assert await hashes.verify_password(PASSWORD, kept) == (True, None)
    assert await hashes.verify_password("Right-of-way-2027", kept) == (False, None)


async def test_a_hash_that_was_cheaper_is_replaced_at_the_next_login() -> None:
    right, better = await hashes.verify_password(PASSWORD, WITH_BCRYPT)
    assert right
    assert better is not None
    assert better.startswith(OWASP)

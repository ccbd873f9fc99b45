"""Password hashes: argon2id with the parameters of OWASP's password storage cheat sheet, in threads of their own.

A hash takes a few dozen milliseconds of one core. The pool is small on purpose: when twenty people log in at once, they
queue behind each other, and requests that hash nothing are not slowed down.
"""

import asyncio
import os
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

_hasher = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1), BcryptHasher()))
_threads = ThreadPoolExecutor(max_workers=min(2, max(1, (os.cpu_count() or 1) // 2)), thread_name_prefix="passwords")


@lru_cache
def _nobody() -> str:
    """A hash to verify against when there is no account, so that an unknown address takes as long as a wrong
    password."""
    return _hasher.hash("nobody has this password")


def hash_now(password: str) -> str:
    """The hash of `password`; blocks, for commands that serve nobody else meanwhile."""
    return _hasher.hash(_normal(password))


async def hash_password(password: str) -> str:
    """The hash of `password`."""
    return await asyncio.get_running_loop().run_in_executor(_threads, hash_now, password)


async def verify_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a better hash to store when the stored one is outdated."""
    valid, better = await asyncio.get_running_loop().run_in_executor(
        _threads, _hasher.verify_and_update, _normal(password), stored or _nobody()
    )
    return (valid, better) if stored else (False, None)


def _normal(password: str) -> str:
    # The same characters come in several encodings, depending on the keyboard (NIST SP 800-63B, 5.1.1.2).
    return unicodedata.normalize("NFKC", password)

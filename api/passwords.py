"""Password hashes: argon2, computed in a thread because one takes about a tenth of a second."""

import asyncio

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

_hasher = PasswordHash((Argon2Hasher(), BcryptHasher()))

# Verified when there is no account, so that an unknown address takes as long as a wrong password.
_NOBODY = _hasher.hash("nobody has this password")


def hash_now(password: str) -> str:
    """The hash of `password`; blocks, for commands that serve nobody else meanwhile."""
    return _hasher.hash(password)


async def hash_password(password: str) -> str:
    """The hash of `password`."""
    return await asyncio.to_thread(_hasher.hash, password)


async def verify_password(password: str, stored: str | None) -> tuple[bool, str | None]:
    """Whether the password is right, and a better hash to store when the stored one is outdated."""
    valid, better = await asyncio.to_thread(_hasher.verify_and_update, password, stored or _NOBODY)
    return (valid, better) if stored else (False, None)

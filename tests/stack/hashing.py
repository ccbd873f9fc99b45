"""Passwords of the tests' own process: hundreds of people log in there, and nobody guesses.

The running stack hashes as production does.
"""

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from api.identity import hashes

OF_PRODUCTION = hashes._hasher


def hash_quickly() -> None:
    """From now on a hash in this process takes microseconds instead of some dozen milliseconds."""
    hashes._hasher = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1), BcryptHasher()))

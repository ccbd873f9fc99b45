"""Where a host that a tenant has named is: on the whole internet, and nowhere else unless the house allows it."""

import asyncio
import socket

from domain.addresses import is_public


class HostUnknown(Exception):
    """Nobody knows an address of that name."""


class HostRefused(Exception):
    """The name leads to this machine or a private network."""


async def address_of(host: str, port: int, *, private: bool) -> str:
    """The IP address to connect to, the one that was looked at: a name could be given another in between. `private`
    lets this machine and its networks be gone to.

    Raises HostUnknown and HostRefused.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise HostUnknown from None
    addresses = [str(each[4][0]) for each in found]
    if not private and not all(map(is_public, addresses)):
        raise HostRefused
    return addresses[0]

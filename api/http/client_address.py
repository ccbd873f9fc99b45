"""The client's address, as far as it can be trusted, and the device."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_network
from typing import Annotated

from fastapi import Depends, Request

from api.http.correlation import client_address
from api.http.forwarded import UNKNOWN, parsed

_LONGEST_USER_AGENT = 300
# One customer of a provider is usually given a whole /64 (RFC 6177), and could use a new address for each request.
_IPV6_SUBSCRIBER = 64


@dataclass(frozen=True)
class Device:
    """`address` is the client's; limits count by its `neighbourhood`: the address, or the network of an IPv6 one."""

    address: str
    user_agent: str | None

    @property
    def neighbourhood(self) -> str:
        address = parsed(self.address)
        if isinstance(address, IPv6Address):
            return str(ip_network((address, _IPV6_SUBSCRIBER), strict=False))
        return self.address


async def device(request: Request) -> Device:
    """The request's device, as a dependency."""
    agent = request.headers.get("user-agent", "").encode("ascii", "replace").decode().replace("\x00", "?")
    return Device(client_address() or UNKNOWN, agent[:_LONGEST_USER_AGENT] or None)


DeviceDep = Annotated[Device, Depends(device)]

"""From where a request comes, as far as it can be believed, and on which device."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Annotated

from fastapi import Depends, Request

from api.services import Services, services

UNKNOWN = "unknown"
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
        parsed = _parsed(self.address)
        if isinstance(parsed, IPv6Address):
            return str(ip_network((parsed, _IPV6_SUBSCRIBER), strict=False))
        return self.address


async def device(request: Request, service: Annotated[Services, Depends(services)]) -> Device:
    """The request's device, as a dependency."""
    hops = [hop.strip() for value in request.headers.getlist("x-forwarded-for") for hop in value.split(",")]
    peer = request.client.host if request.client else UNKNOWN
    agent = request.headers.get("user-agent", "").encode("ascii", "replace").decode().replace("\x00", "?")
    return Device(client_address(peer, hops, service.settings.trusted_proxies), agent[:_LONGEST_USER_AGENT] or None)


DeviceDep = Annotated[Device, Depends(device)]


def client_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is not a trusted proxy's: the connection's `peer`, or, only when that is trusted, the
    last entry of X-Forwarded-For that a trusted proxy has added. What stands further left anybody may have written."""
    address = _parsed(peer)
    for hop in reversed(forwarded_for):
        if address is None or not any(address in network for network in trusted):
            break
        before = _parsed(hop)
        if before is None:
            break
        address = before
    return str(address) if address else UNKNOWN


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # The scope is a name of the machine's own, and an IPv4 address may come in IPv6 clothes.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address

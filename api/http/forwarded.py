"""The address that a request really comes from, when proxies stand between."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

UNKNOWN = "unknown"


def real_address(peer: str, forwarded_for: Sequence[str], trusted: Sequence[IPv4Network | IPv6Network]) -> str:
    """The nearest address that is not a trusted proxy's: the connection's `peer`, or, only when that is trusted, the
    last entry of X-Forwarded-For that a trusted proxy has added. What stands further left anybody may have written."""
    address = parsed(peer)
    for hop in reversed(forwarded_for):
        if address is None or not any(address in network for network in trusted):
            break
        before = parsed(hop)
        if before is None:
            break
        address = before
    return str(address) if address else UNKNOWN


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address that is written there, None when it is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        # An IPv6 scope means something on its own machine only, and an IPv4 address may be written as an IPv6 one.
        return address.ipv4_mapped or IPv6Address(int(address))
    return address

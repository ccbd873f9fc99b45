"""Which addresses a tenant may have us go to: what the whole internet reaches, and nothing within the house."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_TRANSLATED = IPv6Network("64:ff9b::/96")
"""Where a gateway translates to IPv4 (RFC 6052): the IPv4 address is in the last 32 bits."""


def is_public(text: str) -> bool:
    """Whether an IP address is one of the public internet, and so is the IPv4 address that an IPv6 one may stand for.

    Raises ValueError for what is no address.
    """
    address = ip_address(text.partition("%")[0])
    return all(each.is_global and not each.is_multicast for each in (address, *_within(address)))


def _within(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    if isinstance(address, IPv4Address):
        return []
    translated = IPv4Address(int(address) & 0xFFFFFFFF) if address in _TRANSLATED else None
    teredo = address.teredo[1] if address.teredo else None
    return [each for each in (address.ipv4_mapped, address.sixtofour, teredo, translated) if each]

"""Whether two domains belong to the same organisation (DMARC's relaxed alignment, RFC 7489, 3.1 and 3.2)."""

from functools import cache

from publicsuffixlist import PublicSuffixList


def aligned(one: str, other: str) -> bool:
    """Whether both have the same organisational domain; of what is no domain, nothing is aligned with anything."""
    mine = organisational_domain(one)
    return mine is not None and mine == organisational_domain(other)


def organisational_domain(domain: str) -> str | None:
    """`example.co.uk` of `mail.example.co.uk`, in lower case; None for what is no domain, or is a public suffix, under
    which strangers register theirs."""
    try:
        name = domain.strip().rstrip(".").encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    return _suffixes().privatesuffix(name) if "." in name and ".." not in name else None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_encoded_idn=True)

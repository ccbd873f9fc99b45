"""Whether a mail is from whom it says it is, as far as mail servers can tell.

What the account's own server has found counts first (Authentication-Results, RFC 8601): a header that anybody can
write, so only the topmost that names that server is read. Where it says nothing, a signature that we have checked
ourselves may prove the sender.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from authres import AuthResError, FeatureContext
from authres import dmarc as dmarc_features
from authres.core import AuthenticationResult

from domain.mail.alignment import aligned, organisational_domain
from domain.mail.reading.addresses import mailboxes
from domain.mail.states import Verdict

_NAMELESS = frozenset({"protection.outlook.com"})
"""Servers that write their results without their name: those of Microsoft 365. What others have written they rename."""

_LONGEST_HEADER = 10_000
_MOST_CLAUSES = 50
_FEATURES = FeatureContext(dmarc_features)

# What is not a quoted string, a comment or a semicolon; the signs that open and close these.
_SIGN = re.compile(r'\\.|["();]', re.DOTALL)
# The policy that servers tell in a comment, as Google ("p=REJECT sp=NONE"), or as what they did, as Microsoft.
_POLICY = re.compile(r"\b(p|sp|action|policy\.dmarc|policy\.published-domain-policy)=(\w+)", re.IGNORECASE)


@dataclass(frozen=True)
class DkimResult:
    """Whose signatures of a mail we have found valid: their `d=` domains. `because` says why there is none: `unsigned`,
    `no_key`, `dns_away`, `invalid`, `too_slow`, `too_big`."""

    domains: tuple[str, ...] = ()
    because: str = ""


def verdict_of(
    headers: Sequence[tuple[str, str]], sender_domain: str | None, authserv_id: str | None, dkim: DkimResult | None
) -> tuple[Verdict, dict[str, str]]:
    """The verdict on a mail with these headers, in their order, and what it rests on: `by` (`dmarc`, `dkim`, `spf`,
    `own_dkim`, `nothing`) and what was found.

    `sender_domain` is that of From; `authserv_id` is by which the account's server signs what it has found, None where
    its word is not taken. A mail that names no sender, or more than one, is never proven.
    """
    results = _results(headers, authserv_id) if authserv_id else []
    found = _told(results)
    verdict, by = _verdict(results, sender_domain or "", dkim or DkimResult())
    if verdict is Verdict.PASS and not (sender_domain and _names_one_sender(headers)):
        verdict, by = Verdict.NONE, "nothing"
        found["sender"] = "not_one"
    if dkim:
        found["own_dkim"] = ", ".join(dkim.domains) or dkim.because
    return verdict, {"by": by, **found}


def _verdict(results: Sequence["_Clause"], sender_domain: str, dkim: DkimResult) -> tuple[Verdict, str]:
    dmarc = [one for one in results if one.method == "dmarc"]
    if any(one.result == "fail" for one in dmarc):
        excused = all(one.asks_for_nothing(sender_domain) for one in dmarc if one.result == "fail")
        return (Verdict.NONE if excused else Verdict.FAIL), "dmarc"
    if dmarc and all(one.result == "pass" and one.says_from(sender_domain) for one in dmarc):
        return Verdict.PASS, "dmarc"
    for method in ("dkim", "spf"):
        proven = [one.domain for one in results if one.method == method and one.result == "pass"]
        if any(aligned(domain, sender_domain) for domain in proven):
            return Verdict.PASS, method
    if any(aligned(domain, sender_domain) for domain in dkim.domains):
        return Verdict.PASS, "own_dkim"
    return Verdict.NONE, "nothing"


def _names_one_sender(headers: Sequence[tuple[str, str]]) -> bool:
    senders = [value for name, value in headers if name.lower() == "from"]
    return len(senders) == 1 and len(mailboxes(senders[0])) == 1


def _told(results: Iterable["_Clause"]) -> dict[str, str]:
    told: dict[str, str] = {}
    for one in results:
        if one.method in ("dmarc", "dkim", "spf"):
            words = f"{one.result} {one.domain}".strip()
            told[one.method] = f"{told[one.method]}, {words}" if one.method in told else words
    return told


@dataclass(frozen=True)
class _Clause:
    """One result, as `dkim=pass header.d=example.com`, and how it was written."""

    parsed: AuthenticationResult
    written: str

    @property
    def method(self) -> str:
        return str(self.parsed.method)

    @property
    def result(self) -> str:
        return str(self.parsed.result)

    @property
    def domain(self) -> str:
        """The domain that the result is about: of the signature, the envelope's sender, or From."""
        named = {
            "dmarc": ("header.from",),
            "dkim": ("header.d", "header.i"),
            "spf": ("smtp.mailfrom", "smtp.helo"),
        }.get(self.method, ())
        for name in named:
            if value := self._property(name):
                return value.rpartition("@")[2].lower()
        return ""

    def says_from(self, sender_domain: str) -> bool:
        """Whether it is about this sender, as far as it says about whom."""
        return self.domain in ("", sender_domain.lower())

    def asks_for_nothing(self, sender_domain: str) -> bool:
        """Whether the domain's owner lets fail what fails: p=none, or sp=none for what is below that domain."""
        policies = {name.lower(): value.lower() for name, value in _POLICY.findall(self.written)}
        told = policies.get("policy.dmarc") or policies.get("policy.published-domain-policy") or policies.get("action")
        if told is None:
            is_below = organisational_domain(sender_domain) != sender_domain.lower()
            told = policies.get("sp" if is_below and "sp" in policies else "p")
        return told == "none"

    def _property(self, name: str) -> str:
        kind, _, key = name.partition(".")
        return next(
            (str(one.value) for one in self.parsed.properties if (one.type, one.name) == (kind, key) and one.value), ""
        )


def _results(headers: Iterable[tuple[str, str]], authserv_id: str) -> list[_Clause]:
    """The results in the topmost header of a server; those that cannot be read are left out."""
    for name, value in headers:
        if name.lower() != "authentication-results" or len(value) > _LONGEST_HEADER:
            continue
        server, *clauses = list(_parted(value))[:_MOST_CLAUSES] or [""]
        named = re.sub(r"\(.*?\)", " ", server).split() or [""]
        if authserv_id.lower() in _NAMELESS and "=" in named[0]:
            clauses = [server, *clauses]
            named = [authserv_id]
        if named[0].lower() == authserv_id.lower():
            return [clause for written in clauses if (clause := _clause(written)) is not None]
    return []


def _clause(written: str) -> _Clause | None:
    try:
        parsed = _FEATURES.parse_value(f"server; {written}").results
    except (AuthResError, ValueError, RecursionError, AttributeError, TypeError):
        return None
    return _Clause(parsed[0], written) if len(parsed) == 1 else None


def _parted(value: str) -> Iterator[str]:
    """What stands between the semicolons that are in no comment and no quoted string; nothing where one of these does
    not end."""
    parts: list[str] = []
    begin, depth, quoted = 0, 0, False
    for sign in _SIGN.finditer(value):
        match sign[0]:
            case '"' if not depth:
                quoted = not quoted
            case "(" if not quoted:
                depth += 1
            case ")" if not quoted and depth:
                depth -= 1
            case ";" if not quoted and not depth:
                parts.append(value[begin : sign.start()])
                begin = sign.end()
    parts.append(value[begin:])
    yield from parts if not depth and not quoted else ()

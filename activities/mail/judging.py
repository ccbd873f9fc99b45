"""Whether a mail is from whom it says it is: its own server is asked first, and where that says nothing its
signature."""

from activities.mail.dkim import DkimChecks
from domain.mail.reading.content import ReadMail
from domain.mail.states import Verdict
from domain.mail.verdict import verdict_of

_NOTHING = "nothing"


class Judging:
    """`checks` are our own, which ask name servers."""

    def __init__(self, checks: DkimChecks) -> None:
        self._checks = checks

    async def judge(self, raw: bytes, mail: ReadMail, authserv_id: str | None) -> tuple[Verdict, dict[str, str]]:
        """The verdict, and what it rests on."""
        domain = mail.sender.address.rpartition("@")[2] if mail.sender else None
        verdict, because = verdict_of(mail.headers, domain, authserv_id, None)
        if verdict is Verdict.NONE and because.get("by") == _NOTHING:
            return verdict_of(mail.headers, domain, authserv_id, await self._checks.check(raw))
        return verdict, because

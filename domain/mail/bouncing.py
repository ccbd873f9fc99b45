"""What a delivery status notification means for the address that it is about (RFC 3464, status codes RFC 3463)."""

import re
from enum import StrEnum

from domain.mail.reading.content import Report

_STATUS = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})")


class Bounce(StrEnum):
    """`gone` addresses are not written to again until they are proven; `refused` was this message alone; a `delayed`
    one may still come; of the others there is nothing to say."""

    GONE = "gone"
    REFUSED = "refused"
    DELAYED = "delayed"
    NOTHING = "nothing"


def bounce(report: Report) -> Bounce:
    """What a report says of its recipient. A `failed` one without a permanent status is a message that was refused:
    servers that give up after days of 4.x.x say so."""
    found = _STATUS.search(report.status)
    kind, subject = (found[1], found[2]) if found else ("", "")
    if report.action == "delayed" or (kind == "4" and report.action != "failed"):
        return Bounce.DELAYED
    if kind == "5":
        return Bounce.GONE if subject == "1" else Bounce.REFUSED
    return Bounce.REFUSED if report.action == "failed" else Bounce.NOTHING

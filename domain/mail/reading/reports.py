"""Delivery status notifications (RFC 3464)."""

from dataclasses import dataclass

from domain.mail.reading.content import Report


@dataclass(frozen=True)
class Reports:
    reports: tuple[Report, ...] = ()
    report_of: str | None = None

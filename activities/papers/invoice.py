"""An invoice or its credit note on paper: what is owed, by when, and how it is paid."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reportlab.platypus import Flowable, KeepTogether, Spacer

from activities.papers.blocks import (
    GAP,
    Customer,
    PaperLine,
    addressee,
    beside,
    heading,
    lines_table,
    passage,
    sums,
    text,
)
from activities.papers.language import Language, language_of
from activities.papers.page import print_paper
from activities.papers.payment_code import payment_code
from domain.company import Company
from domain.invoices.papers import InvoicePaper
from domain.tax import Totals

_MARKS = {
    InvoicePaper.DRAFT: "draft",
    InvoicePaper.PAID: "paid_mark",
    InvoicePaper.CANCELLED: "cancelled_mark",
}


@dataclass(frozen=True)
class Bank:
    """Where payments go; what is not set is left out."""

    name: str | None = None
    account: str | None = None
    iban: str | None = None
    bic: str | None = None


@dataclass(frozen=True)
class PrintedPaper:
    """What the paper says. Days are those of the tenant's zone. `credits` is the number of the invoice that a credit
    note takes back, and `reason` why."""

    paper: InvoicePaper
    number: str
    company: Company
    customer: Customer
    lines: tuple[PaperLine, ...]
    totals: Totals
    currency: str
    locale: str
    due_days: int
    stamp_duty: int = 0
    discount_bp: int = 0
    issued_on: date | None = None
    due_on: date | None = None
    notes: str | None = None
    terms: str | None = None
    bank: Bank = Bank()
    credits: str | None = None
    reason: str | None = None

    @property
    def to_pay(self) -> int:
        return self.totals.total + self.stamp_duty


def print_invoice(paper: PrintedPaper) -> bytes:
    """The paper as PDF; the same one gives the same bytes."""
    language = language_of(paper.locale)
    title = f"{language.word('credit_note' if paper.credits else 'invoice')} {paper.number}"
    mark = _MARKS.get(paper.paper)
    return print_paper(
        list(_story(paper, language)),
        language=language,
        title=title,
        author=paper.company.name,
        foot=title,
        stamp=language.word(mark) if mark else None,
    )


def _story(paper: PrintedPaper, language: Language) -> Iterator[Flowable]:
    title = language.word("credit_note" if paper.credits else "invoice")
    yield from heading(paper.company, language, title, _facts(paper, language))
    yield from addressee(paper.customer, language)
    yield from lines_table(paper.lines, paper.totals, paper.currency, language)
    yield from sums(paper.totals, paper.discount_bp, paper.currency, language, stamp_duty=paper.stamp_duty)
    if paper.credits:
        yield text(language.word("credits_sentence", number=paper.credits), 8)
        yield Spacer(1, GAP)
    else:
        yield from _payment(paper, language)
    for heads, words in (("reason", paper.reason), ("notes", paper.notes), ("payment_terms", paper.terms)):
        if words:
            yield from passage(language.word(heads), words)


def _facts(paper: PrintedPaper, language: Language) -> list[tuple[str, str]]:
    facts = [(language.word("number"), paper.number)]
    if paper.issued_on:
        facts.append((language.word("issued_on"), language.day(paper.issued_on)))
    if paper.due_on:
        facts.append((language.word("pay_by"), language.day(paper.due_on)))
    if paper.credits:
        facts.append((language.word("credits"), paper.credits))
    return facts


def _payment(paper: PrintedPaper, language: Language) -> Iterator[Flowable]:
    """Until when, to where, and the code that a telephone reads."""
    if paper.due_on:
        words = [text(language.word("pay_by_sentence", day=language.day(paper.due_on)), 8.5, bold=True)]
    else:
        words = [text(language.word("due_days", days=paper.due_days), 8.5, bold=True)]
    bank = paper.bank
    details = (("bank", bank.name), ("account", bank.account), ("iban", bank.iban), ("bic", bank.bic))
    words += [text(f"{language.word(key)} {value}", 8) for key, value in details if value]
    if paper.paper is InvoicePaper.DRAFT:
        yield from (*words, Spacer(1, GAP))
        return
    words.append(text(language.word("payment_reference", number=paper.number), 8))
    code = payment_code(
        paper.number, paper.to_pay, paper.currency, payee=paper.company.name, iban=bank.iban, bic=bank.bic
    )
    yield KeepTogether([beside(words, code)])
    yield Spacer(1, GAP)

"""A quote on paper: what the customer is offered, until when, and where both sides sign."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reportlab.platypus import Flowable, Spacer

from activities.papers.blocks import (
    GAP,
    Customer,
    PaperLine,
    addressee,
    heading,
    lines_table,
    passage,
    signed,
    sums,
    text,
)
from activities.papers.language import Language, language_of
from activities.papers.page import print_paper
from domain.company import Company
from domain.tax import Totals


@dataclass(frozen=True)
class QuotePaper:
    """What a quote's paper says. `issued_on` and `last_valid_day` are days of `timezone`, None as long as the quote has
    not been sent: then the paper is marked as a draft."""

    number: str
    quote_version: int
    company: Company
    customer: Customer
    lines: tuple[PaperLine, ...]
    totals: Totals
    currency: str
    locale: str
    timezone: str
    valid_days: int
    discount_bp: int = 0
    issued_on: date | None = None
    last_valid_day: date | None = None
    notes: str | None = None
    terms: str | None = None


def print_quote(paper: QuotePaper) -> bytes:
    """The quote as PDF; the same quote gives the same bytes."""
    language = language_of(paper.locale)
    name = f"{paper.number} · {language.word('version', version=paper.quote_version)}"
    return print_paper(
        signed(list(_story(paper, language)), paper.company, paper.customer, language),
        language=language,
        title=f"{language.word('quote')} {name}",
        author=paper.company.name,
        foot=f"{language.word('quote')} {name}",
        stamp=None if paper.last_valid_day else language.word("draft"),
    )


def _story(paper: QuotePaper, language: Language) -> Iterator[Flowable]:
    yield from heading(paper.company, language, language.word("quote"), _facts(paper, language))
    yield from addressee(paper.customer, language)
    yield from lines_table(paper.lines, paper.totals, paper.currency, language)
    yield from sums(paper.totals, paper.discount_bp, paper.currency, language)
    if paper.last_valid_day:
        day = language.day(paper.last_valid_day)
        yield text(language.word("valid_sentence", day=day, timezone=paper.timezone), 8)
    else:
        yield text(language.word("valid_days", days=paper.valid_days), 8)
    yield Spacer(1, GAP)
    for title, words in (("notes", paper.notes), ("terms", paper.terms)):
        if words:
            yield from passage(language.word(title), words)


def _facts(paper: QuotePaper, language: Language) -> list[tuple[str, str]]:
    version = language.word("version", version=paper.quote_version)
    facts = [(language.word("number"), f"{paper.number}\n{version}")]
    if paper.issued_on:
        facts.append((language.word("issued_on"), language.day(paper.issued_on)))
    if paper.last_valid_day:
        facts.append((language.word("valid_until"), language.day(paper.last_valid_day)))
    return facts

"""The blocks that papers about money are made of: who sends it, to whom, the lines, the tax, the totals, signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, KeepTogether, Paragraph, Spacer, Table, TableStyle

from activities.papers.fonts import BOLD, PLAIN, drawable, ready
from activities.papers.language import Language
from activities.papers.page import BAND, GREY, HAIRLINE, INK, WIDTH
from activities.papers.right_to_left import LeftToRight, RightToLeft, has_right_to_left, joined, runs_right_to_left
from domain.company import Company
from domain.tax import LineAmounts, PricedLine, Totals

GAP = 5 * mm
_LINE_COLUMNS = (8 * mm, 70 * mm, 17 * mm, 25 * mm, 14 * mm, 15 * mm, 29 * mm)
_SUMMARY_WIDTH = 84 * mm
_TOTALS_WIDTH = WIDTH - _SUMMARY_WIDTH - 6 * mm
# How many lines and characters of a text are printed where it cannot go on over the page's end.
_LINE_NAME = (4, 300)
_LINE_TEXT = (25, 1_000)
_ADDRESS = (8, 400)
_NAME = (3, 200)
_REASON = (4, 300)
_IDENTIFIER = (1, 60)
_LINES_WITH_SIGNATURES = 3
_MOST_RATES, _LONGEST_REASONS = 12, 500
"""With more rates of tax, or longer reasons for none, their table stands above the totals and not beside them."""


@dataclass(frozen=True)
class Customer:
    """The customer whom a paper is for."""

    name: str
    address: str | None = None
    tax_id: str | None = None


@dataclass(frozen=True)
class PaperLine:
    """A line as it is printed: a name, a longer text below it, and what it is priced by."""

    name: str
    text: str | None
    priced: PricedLine


@cache
def _style(size: float = 8.5, *, bold: bool = False, grey: bool = False, right: bool = False) -> ParagraphStyle:
    ready()
    return ParagraphStyle(
        "paper",
        fontName=BOLD if bold else PLAIN,
        fontSize=size,
        leading=size * 1.32,
        textColor=GREY if grey else INK,
        alignment=TA_RIGHT if right else 0,
        splitLongWords=1,
    )


def text(words: str, size: float = 8.5, *, bold: bool = False, grey: bool = False, right: bool = False) -> Paragraph:
    """Somebody's text, printed as it is: markup in it has no effect, line ends stay, long words are broken."""
    known, kind = drawable(words), Paragraph
    if has_right_to_left(known):
        kind = RightToLeft if runs_right_to_left(known) else LeftToRight
        known, right = drawable(joined(known)), right or kind is RightToLeft
    markup = escape(known).replace("\n", "<br/>")
    return kind(markup, _style(size, bold=bold, grey=grey, right=right))


def heading(company: Company, language: Language, title: str, facts: Sequence[tuple[str, str]]) -> list[Flowable]:
    """The company at the left; at the right what the paper is, with its number and days."""
    numbers = [
        language.word(key, number=_short(value, *_IDENTIFIER))
        for key, value in (("nif", company.nif), ("rc", company.rc), ("ai", company.ai))
        if value
    ]
    left: list[Flowable] = [text(_short(company.name, *_NAME), 13, bold=True), Spacer(1, 1 * mm)]
    if company.address:
        left.append(text(_short(company.address, *_ADDRESS), 8, grey=True))
    reached = [f"{language.word('phone')} {_short(company.phone, *_IDENTIFIER)}"] if company.phone else []
    reached += [_short(company.email, *_NAME)] if company.email else []
    for line in (" · ".join(reached), " · ".join(numbers)):
        if line:
            left.append(text(line, 8, grey=True))
    rows = [[text(name, 8, grey=True), text(value, 8.5, bold=True, right=True)] for name, value in facts]
    table = Table(rows, colWidths=(30 * mm, 48 * mm), style=_FACTS)
    right: list[Flowable] = [text(title, 20, bold=True, right=True), Spacer(1, 2 * mm), table]
    return [Table([[left, right]], colWidths=(WIDTH - 78 * mm, 78 * mm), style=_HEADING), Spacer(1, GAP)]


def addressee(customer: Customer, language: Language) -> list[Flowable]:
    """Whom the paper is for, at the right, where a window envelope shows it."""
    words: list[Flowable] = [
        text(language.word("customer"), 7.5, grey=True),
        text(_short(customer.name, *_NAME), 10, bold=True),
    ]
    if customer.address:
        words.append(text(_short(customer.address, *_ADDRESS)))
    if customer.tax_id:
        words.append(text(language.word("tax_id", number=_short(customer.tax_id, *_IDENTIFIER)), 8, grey=True))
    box = Table([["", words]], colWidths=(WIDTH - 84 * mm, 84 * mm), style=_ADDRESSEE)
    return [box, Spacer(1, GAP)]


def lines_table(lines: Sequence[PaperLine], totals: Totals, currency: str, language: Language) -> list[Flowable]:
    """The lines, their heads repeated on every page."""
    word = language.word
    heads = ("position", "description", "quantity", "unit_price", "discount", "tax_rate", "amount")
    rows: list[list[object]] = [[text(word(head), 7.5, bold=True, right=place > 1) for place, head in enumerate(heads)]]
    for number, (line, amounts) in enumerate(zip(lines, totals.lines, strict=True), start=1):
        rows.append(_line(number, line, amounts, currency, language))
    table = Table(rows, colWidths=_LINE_COLUMNS, repeatRows=1, style=_LINES)
    return [text(word("amounts_in", currency=currency), 7.5, grey=True), Spacer(1, 1 * mm), table, Spacer(1, GAP)]


def _line(number: int, line: PaperLine, amounts: LineAmounts, currency: str, language: Language) -> list[object]:
    priced = line.priced
    described = [text(_short(line.name, *_LINE_NAME), bold=True)]
    if line.text:
        described.append(text(_short(line.text, *_LINE_TEXT), 7.5, grey=True))
    rate = language.word("exempt") if priced.exemption else language.rate(priced.tax_rate_bp)
    # Figures as plain text: a paragraph for each would take most of the time of a long paper.
    return [
        str(number),
        described,
        language.quantity(priced.quantity),
        language.amount(priced.unit_price, currency),
        language.rate(priced.discount_bp) if priced.discount_bp else "",
        rate,
        language.amount(amounts.net, currency),
    ]


def _short(words: str, lines: int, characters: int) -> str:
    """The words, cut where they would take more room than there is, which an ellipsis shows."""
    whole = drawable(words).strip()
    kept = "\n".join(whole.split("\n")[:lines])[:characters].rstrip()
    return kept if kept == whole else f"{kept}…"


def sums(totals: Totals, discount_bp: int, currency: str, language: Language, *, stamp_duty: int = 0) -> list[Flowable]:
    """Tax by rate at the left, the totals at the right; never torn apart by the end of a page. A `stamp_duty` comes on
    top of the total."""
    word, amount = language.word, language.amount
    heads = [text(word(head), 7.5, bold=True, right=place > 0) for place, head in enumerate(("rate", "base", "tax"))]
    rates: list[list[object]] = [heads]
    for tax in totals.taxes:
        name = text(_short(tax.exemption, *_REASON), 7.5) if tax.exemption else language.rate(tax.rate_bp)
        rates.append([name, amount(tax.taxable, currency), amount(tax.tax, currency)])
    figures = [(word("taxable"), amount(totals.taxable, currency)), (word("tax"), amount(totals.tax, currency))]
    if discount_bp:
        given = word("document_discount", rate=language.rate(discount_bp))
        less = f"\N{MINUS SIGN}{amount(totals.discount, currency)}"
        figures = [(word("subtotal"), amount(totals.subtotal, currency)), (given, less), *figures]
    rows: list[list[object]] = [[text(name), figure] for name, figure in figures]
    if stamp_duty:
        rows.append([text(word("total")), amount(totals.total, currency)])
        rows.append([text(word("stamp_duty")), amount(stamp_duty, currency)])
    to_pay = language.money(totals.total + stamp_duty, currency)
    last = word("to_pay" if stamp_duty else "total")
    rows.append([text(last, 10, bold=True), text(to_pay, 10, bold=True, right=True)])

    reasons = sum(len(tax.exemption or "") for tax in totals.taxes)
    many = len(totals.taxes) > _MOST_RATES or reasons > _LONGEST_REASONS
    rates_width = WIDTH if many else _SUMMARY_WIDTH
    summary = Table(rates, colWidths=(rates_width - 50 * mm, 26 * mm, 24 * mm), repeatRows=1, style=_RATES)
    total = Table(rows, colWidths=(_TOTALS_WIDTH - 42 * mm, 42 * mm), style=_TOTALS)
    head: list[Flowable] = [text(word("tax_summary"), 7.5, grey=True), Spacer(1, 1 * mm)]
    columns = (_SUMMARY_WIDTH, WIDTH - _SUMMARY_WIDTH - _TOTALS_WIDTH, _TOTALS_WIDTH)
    if many:
        alone = Table([["", "", total]], colWidths=columns, style=_COLUMNS)
        return [*head, summary, Spacer(1, GAP), KeepTogether([alone]), Spacer(1, GAP)]
    both = Table([[[*head, summary], "", total]], colWidths=columns, style=_COLUMNS)
    return [KeepTogether([both]), Spacer(1, GAP)]


def beside(words: Sequence[Flowable], figure: Flowable) -> Table:
    """A text at the left with a figure at the right."""
    wide = 30 * mm
    return Table([[list(words), figure]], colWidths=(WIDTH - wide, wide), style=_COLUMNS)


def passage(title: str, words: str) -> list[Flowable]:
    """A titled text of any length, which goes on over the page's end."""
    paragraphs = [text(paragraph, 8) for paragraph in words.split("\n\n") if paragraph.strip()]
    if not paragraphs:
        return []
    head = KeepTogether([text(title, 8.5, bold=True), Spacer(1, 1 * mm), paragraphs[0]])
    rest = [flowable for _, paragraph in pairwise(paragraphs) for flowable in (Spacer(1, 1.5 * mm), paragraph)]
    return [head, *rest, Spacer(1, GAP)]


def signed(story: Sequence[Flowable], company: Company, customer: Customer, language: Language) -> list[Flowable]:
    """The story with where both sides sign below it; what comes last goes on the page of the signatures with them."""
    last = next(place for place in reversed(range(len(story))) if not isinstance(story[place], Spacer))
    end = story[last]
    # One that is within another is taken for as high as the page.
    together = end._content if isinstance(end, KeepTogether) else [end]
    return [*story[:last], _Signed([*together, *story[last + 1 :], _signatures(company, customer, language)])]


class _Signed(KeepTogether):  # type: ignore[misc]
    """The end of a text with what signs it. A page without room for both has the text up to its last lines."""

    def split(self, width: float, height: float) -> list[Flowable]:
        place = max(at for at, each in enumerate(self._content) if isinstance(each, Paragraph))
        above, words, below = self._content[:place], self._content[place], self._content[place + 1 :]
        room = height - sum(each.wrap(width, height)[1] for each in above)
        left = words.wrap(width, height)[1] - _LINES_WITH_SIGNATURES * words.style.leading
        parts = words.split(width, min(room, left)) if height < self._H else []
        if len(parts) < 2:
            kept: list[Flowable] = super().split(width, height)
            return kept
        return [*above, parts[0], _Signed([parts[1], *below])]


def _signatures(company: Company, customer: Customer, language: Language) -> Table:
    width = (WIDTH - 8 * mm) / 2
    cells = [
        [
            text(language.word(f"signature_{side}", name=_short(name, *_NAME)), bold=True),
            text(language.word(f"signature_{side}_hint"), 7.5, grey=True),
            Spacer(1, 22 * mm),
        ]
        for side, name in (("company", company.name), ("customer", customer.name))
    ]
    return Table([[cells[0], "", cells[1]]], colWidths=(width, 8 * mm, width), style=_SIGNATURES)


def _padding(horizontal: float, vertical: float) -> list[tuple[object, ...]]:
    sides = (("LEFT", horizontal), ("RIGHT", horizontal), ("TOP", vertical), ("BOTTOM", vertical))
    return [(f"{side}PADDING", (0, 0), (-1, -1), size) for side, size in sides]


_FIGURES: list[tuple[object, ...]] = [
    ("FONT", (0, 0), (-1, -1), PLAIN, 8.5, 11.2),
    ("TEXTCOLOR", (0, 0), (-1, -1), INK),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
# Without it an empty cell would name Helvetica, which is not embedded.
_FACE = ("FONT", (0, 0), (-1, -1), PLAIN, 8.5)
_COLUMNS = TableStyle([_FACE, ("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(0, 0)])
_HEADING = TableStyle([*_COLUMNS.getCommands(), ("RIGHTPADDING", (0, 0), (0, 0), 6 * mm)])
_FACTS = TableStyle([_FACE, ("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(0, 1)])
_ADDRESSEE = TableStyle(
    [_FACE, ("VALIGN", (0, 0), (-1, -1), "TOP"), *_padding(8, 6), ("BACKGROUND", (1, 0), (1, 0), BAND)]
)
_LINES = TableStyle(
    [
        *_FIGURES,
        *_padding(3, 3.5),
        ("ALIGN", (2, 0), (-1, -1), "RIGHT"),
        ("BACKGROUND", (0, 0), (-1, 0), BAND),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HAIRLINE),
    ]
)
_RATES = TableStyle(
    [
        *_FIGURES,
        *_padding(3, 2.5),
        ("ALIGN", (1, 0), (-1, -1), "RIGHT"),
        ("BACKGROUND", (0, 0), (-1, 0), BAND),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, HAIRLINE),
    ]
)
_TOTALS = TableStyle(
    [
        *_FIGURES,
        *_padding(4, 3),
        ("ALIGN", (1, 0), (1, -1), "RIGHT"),
        ("LINEABOVE", (0, -1), (-1, -1), 0.8, INK),
        ("BACKGROUND", (0, -1), (-1, -1), BAND),
    ]
)
_SIGNATURES = TableStyle(
    [
        _FACE,
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        *_padding(6, 6),
        ("BOX", (0, 0), (0, 0), 0.5, HAIRLINE),
        ("BOX", (2, 0), (2, 0), 0.5, HAIRLINE),
    ]
)

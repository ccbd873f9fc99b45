"""A quote on paper, as its reader sees it: by the text that can be taken out of the PDF."""

import io
from dataclasses import replace
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from activities.papers.blocks import Customer, PaperLine
from activities.papers.fonts import drawable
from activities.papers.language import language_of
from activities.papers.quote import QuotePaper, print_quote
from domain.company import Company
from domain.tax import PricedLine, price

GOLDEN = Path(__file__).parent / "golden"
COMPANY = Company(
    "Acme Services SARL",
    "12, rue Didouche Mourad\n16000 Alger",
    "+213 21 00 00 00",
    "contact@acme.example",
    "000016001234567",
    "16/00-1234567 B 16",
    "16010203040",
)
CUSTOMER = Customer("Épicerie Benali & fils", "5, boulevard Zirout Youcef\n31000 Oran", "000131001234567")


def paper(*, lines: int = 3, locale: str = "fr-DZ", currency: str = "DZD", discount_bp: int = 400) -> QuotePaper:
    rates = ((1_900, None), (900, None), (0, "Exportation, article 42"))
    asked = tuple(
        PaperLine(
            f"Imprimante modèle {number + 1}",
            "Livraison comprise" if number % 2 else None,
            PricedLine(
                16_000 + 125 * number,
                348_35,
                250 if number % 3 == 1 else 0,
                rates[number % 3][0],
                rates[number % 3][1],
            ),
        )
        for number in range(lines)
    )
    return QuotePaper(
        number="QT-20261120-0042",
        quote_version=2,
        company=COMPANY,
        customer=CUSTOMER,
        lines=asked,
        totals=price([line.priced for line in asked], discount_bp),
        currency=currency,
        locale=locale,
        timezone="Africa/Algiers",
        valid_days=30,
        discount_bp=discount_bp,
        issued_on=date(2026, 11, 20),
        last_valid_day=date(2026, 12, 20),
        notes="Merci de votre confiance.",
        terms="Paiement à 30 jours.",
    )


def read(pdf: bytes) -> list[str]:
    """The text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def plain(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize(("name", "locale", "currency"), [("fr", "fr-DZ", "DZD"), ("en", "en", "EUR")])
def test_the_paper_says_what_it_should(name: str, locale: str, currency: str) -> None:
    pages = read(print_quote(paper(locale=locale, currency=currency)))
    assert len(pages) == 1
    said = "\n".join(line.strip() for line in pages[0].splitlines() if line.strip())
    assert said == (GOLDEN / f"quote_{name}.txt").read_text(encoding="utf-8").strip()


def test_the_same_quote_gives_the_same_bytes() -> None:
    assert print_quote(paper()) == print_quote(paper())
    assert print_quote(paper()) != print_quote(replace(paper(), notes="Another"))


def test_its_fonts_are_embedded() -> None:
    fonts = PdfReader(io.BytesIO(print_quote(paper()))).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
    used = [font.get_object() for font in fonts.values()]
    embedded = [font for font in used if "/FontDescriptor" in font and "/FontFile2" in font["/FontDescriptor"]]
    assert len(embedded) >= 2
    assert all("+DejaVu" in font["/BaseFont"] for font in embedded)


def test_eighty_lines_run_over_pages_with_their_heads_and_numbers() -> None:
    pages = [plain(page) for page in read(print_quote(paper(lines=80)))]
    assert len(pages) > 2
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} sur {len(pages)}" in page
    with_lines = [page for page in pages if "Imprimante modèle" in page]
    assert all("Désignation" in page for page in with_lines)
    assert sum(page.count("Imprimante modèle") for page in pages) == 80
    assert "Total TTC" in "".join(pages)


def test_what_is_not_sent_is_marked_as_a_draft() -> None:
    draft = replace(paper(), issued_on=None, last_valid_day=None)
    assert "BROUILLON" in read(print_quote(draft))[0]
    assert "Valable 30 jours à compter de l’envoi" in plain(read(print_quote(draft))[0])
    assert "BROUILLON" not in read(print_quote(paper()))[0]


@pytest.mark.parametrize(
    "awkward",
    [
        "X" * 2_000,
        "\n" * 900 + "end",
        "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 5,
        "<b>5 < 6 & 'so on' &amp; <para>",
        "漢字 \x00\x07 \U0001f600 مرحبا \u202e \ud800",
    ],
)
def test_whatever_people_are_called_it_is_printed(awkward: str) -> None:
    strange = replace(
        paper(),
        company=Company(awkward, awkward, awkward, awkward, awkward, awkward, awkward),
        customer=Customer(awkward, awkward, awkward),
        lines=tuple(replace(line, name=awkward, text=awkward) for line in paper().lines),
        notes=awkward,
        terms=awkward,
    )
    assert read(print_quote(strange))


def test_two_hundred_reasons_for_no_tax_are_printed() -> None:
    lines = tuple(PaperLine("Line", None, PricedLine(1_000, 100, 0, 0, f"Reason {n} " * 15)) for n in range(200))
    many = replace(paper(), lines=lines, totals=price([line.priced for line in lines]), discount_bp=0)
    assert "Reason 199" in plain(" ".join(read(print_quote(many))))


def test_markup_in_a_text_is_only_text() -> None:
    page = read(print_quote(replace(paper(), notes="<b>bold</b> & <font size=40>large</font>")))[0]
    assert "<b>bold</b> & <font size=40>large</font>" in plain(page)


def test_a_character_that_the_typeface_lacks_is_seen_to_be_missing() -> None:
    assert drawable("a漢b") == "a\N{REPLACEMENT CHARACTER}b"
    assert drawable("e\u0301\u200f\x07") == "é"
    assert drawable("a\r\nb") == "a\nb"


def test_amounts_have_the_decimals_of_their_currency() -> None:
    english, french = language_of("en"), language_of("fr-DZ")
    assert english.money(1234567, "EUR") == "EUR\N{NO-BREAK SPACE}12,345.67"
    assert english.amount(1234567, "JPY") == "1,234,567"
    assert french.amount(1234567, "TND") == "1\N{NARROW NO-BREAK SPACE}234,567"
    assert english.quantity(1_500) == "1.5"
    assert english.rate(550) == "5.5%"
    assert language_of("ar").name == "en"


@pytest.mark.parametrize("lines", range(12, 34))
def test_signatures_never_stand_alone(lines: int) -> None:
    last = read(print_quote(paper(lines=lines)))[-1]
    assert "Lu et approuvé" in last
    assert "Paiement à 30 jours." in last


def test_arabic_is_joined_and_set_from_the_right() -> None:
    name = "مؤسسة البناء الحديث (SARL)"
    told = "نشكركم على طلبكم رقم 42 بتاريخ 29/11/2026."
    pdf = print_quote(replace(paper(), customer=replace(CUSTOMER, name=name), notes=told))
    page = PdfDocument(pdf)[0]
    seen = page.get_textpage()
    said = normalize("NFKC", seen.get_text_range())
    for words in ("مؤسسة البناء الحديث", "نشكركم على طلبكم رقم", "بتاريخ"):
        assert words in said
    # The letter ba as it stands between others, and not by itself.
    drawn = PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    assert "\ufe92" in drawn
    assert "\u0628" not in drawn
    first = seen.search("29/11/2026").get_next()
    assert first is not None
    assert seen.get_charbox(first[0])[0] > page.get_width() / 2, "a short text stands at the right"


def test_an_arabic_text_is_ordered_once_when_it_goes_on_over_a_page() -> None:
    sentence = "هذه شروط البيع العامة للشركة رقم 7."
    pages = PdfDocument(print_quote(replace(paper(), terms=" ".join([sentence] * 220))))
    said = [normalize("NFKC", page.get_textpage().get_text_range()) for page in pages]
    assert len(said) > 1
    for page in said:
        assert "شروط البيع" in page
        assert "طورش" not in page
    assert "Lu et approuvé" in said[-1]

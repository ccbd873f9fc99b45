"""An invoice on paper, as its reader sees it."""

import io
from dataclasses import replace
from datetime import date

import pytest
from pypdf import PdfReader

from activities.papers.invoice import Bank, PrintedPaper, print_invoice
from activities.papers.payment_code import payment_code
from domain.invoices.papers import InvoicePaper
from tests.activities.papers.test_quote_paper import COMPANY, CUSTOMER, plain, read
from tests.activities.papers.test_quote_paper import paper as quote_paper

IBAN = "FR7630006000011234567890189"


def paper(which: InvoicePaper = InvoicePaper.ISSUED, **given: object) -> PrintedPaper:
    quoted = quote_paper()
    printed = PrintedPaper(
        paper=which,
        number="INV-2026-000042",
        company=COMPANY,
        customer=CUSTOMER,
        lines=quoted.lines,
        totals=quoted.totals,
        currency="DZD",
        locale="fr-DZ",
        due_days=30,
        discount_bp=400,
        issued_on=date(2026, 11, 20),
        due_on=date(2026, 12, 20),
        terms="Paiement à 30 jours.",
        bank=Bank("Banque d’Alger", "00100123456789012345", None, None),
    )
    return replace(printed, **given)  # type: ignore[arg-type]


def said_by(printed: PrintedPaper) -> str:
    return plain(" ".join(read(print_invoice(printed))))


def test_it_says_what_is_owed_by_when_and_to_where() -> None:
    said = said_by(paper(stamp_duty=1_234_56))
    for words in (
        "Facture",
        "INV-2026-000042",
        "20 décembre 2026",
        "Banque d’Alger",
        "00100123456789012345",
        "Référence à rappeler : INV-2026-000042",
        "Droit de timbre",
        "Net à payer",
        "Conditions de paiement",
        "TVA par taux",
        "Exportation, article 42",
    ):
        assert words in said
    assert "Droit de timbre" not in said_by(paper())


@pytest.mark.parametrize(
    ("which", "mark"),
    [
        (InvoicePaper.DRAFT, "BROUILLON"),
        (InvoicePaper.PAID, "PAYÉE"),
        (InvoicePaper.CANCELLED, "ANNULÉE"),
        (InvoicePaper.ISSUED, None),
    ],
)
def test_it_is_marked_as_what_has_become_of_it(which: InvoicePaper, mark: str | None) -> None:
    said = said_by(paper(which))
    assert [word for word in ("BROUILLON", "PAYÉE", "ANNULÉE") if word in said] == ([mark] if mark else [])


def test_a_credit_note_names_the_invoice_and_why() -> None:
    note = paper(
        InvoicePaper.CREDIT_NOTE,
        number="CRN-2026-000001",
        credits="INV-2026-000042",
        reason="Mauvais client",
        due_on=None,
    )
    said = said_by(note)
    assert all(
        words in said for words in ("Avoir CRN-2026-000001", "annule la facture INV-2026-000042", "Mauvais client")
    )
    assert "Référence à rappeler" not in said


def test_only_embedded_typefaces_are_named() -> None:
    page = PdfReader(io.BytesIO(print_invoice(paper()))).pages[0]
    fonts = [font.get_object()["/BaseFont"] for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    assert all("+DejaVu" in name for name in fonts)


@pytest.mark.parametrize(
    ("currency", "iban", "bic"),
    [("EUR", IBAN, "AGRIFRPP"), ("EUR", IBAN, None), ("EUR", "none", None), ("DZD", IBAN, None), ("JPY", None, None)],
)
def test_every_invoice_has_a_code(currency: str, iban: str | None, bic: str | None) -> None:
    code = payment_code("INV-2026-000042", 123_45, currency, payee="Épicerie " * 20, iban=iban, bic=bic)
    assert code.width > 0

"""An invoice on paper and as data, as its reader sees it."""

import io
from dataclasses import replace
from datetime import date

import pytest
from facturx import get_xml_from_pdf, xml_check_xsd
from lxml import etree
from pypdf import PdfReader

from activities.papers.factur_x import DataLine, InvoiceData, Party, as_xml, embedded
from activities.papers.invoice import Bank, PrintedPaper, print_invoice
from activities.papers.payment_code import payment_code
from domain.invoices.papers import InvoicePaper
from domain.invoices.rules import PaymentMethod
from tests.activities.papers.test_quote_paper import COMPANY, CUSTOMER, plain, read
from tests.activities.papers.test_quote_paper import paper as quote_paper

IBAN = "FR7630006000011234567890189"
RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"


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


def as_data(**given: object) -> InvoiceData:
    printed = paper()
    data = InvoiceData(
        number=printed.number,
        issued_on=date(2026, 11, 20),
        seller=Party(COMPANY.name, "DZ", COMPANY.nif, COMPANY.rc, COMPANY.address),
        buyer=Party(CUSTOMER.name, "FR", "FR12345678901", None, "1\n2\n3\n4 \x07"),
        currency="EUR",
        lines=[DataLine(f"{line.name} <&> \x00", line.priced) for line in printed.lines],
        totals=printed.totals,
        due_on=date(2026, 12, 20),
        iban=IBAN,
        terms="30 jours",
    )
    return replace(data, **given)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"payment_method": PaymentMethod.CASH, "iban": None, "stamp_duty": 89_250, "currency": "DZD"},
        {"credits": "INV-2026-000041", "number": "CRN-2026-000001", "due_on": None, "terms": None, "iban": None},
        {"account": "00100123456789012345", "iban": None, "notes": "Merci"},
    ],
)
def test_its_data_is_valid_by_the_published_schema(given: dict[str, object]) -> None:
    assert xml_check_xsd(as_xml(as_data(**given)), flavor="factur-x", level="basic")


def test_its_data_is_embedded_and_adds_up() -> None:
    data = as_data()
    whole = embedded(print_invoice(paper()), data, language="fr", title="Facture")
    name, xml = get_xml_from_pdf(whole)
    assert name == "factur-x.xml"
    assert "INV-2026-000042" in plain(" ".join(read(whole)))
    catalog = PdfReader(io.BytesIO(whole)).trailer["/Root"]
    assert "/OutputIntents" in catalog  # type: ignore[operator]
    root = etree.fromstring(xml)

    def amounts(path: str) -> list[int]:
        return [int(element.text.replace(".", "")) for element in root.iterfind(f".//{RAM}{path}")]

    (total,), (tax,) = amounts("GrandTotalAmount"), amounts("TaxTotalAmount")
    (lines,), (allowances,) = (
        amounts(f"SpecifiedTradeSettlementHeaderMonetarySummation/{RAM}LineTotalAmount"),
        amounts("AllowanceTotalAmount"),
    )
    assert (total, tax, lines) == (data.totals.total, data.totals.tax, data.totals.subtotal)
    settlement = f"ApplicableHeaderTradeSettlement/{RAM}"
    assert sum(amounts(f"{settlement}ApplicableTradeTax/{RAM}CalculatedAmount")) == tax
    assert sum(amounts(f"{settlement}ApplicableTradeTax/{RAM}BasisAmount")) == total - tax
    assert sum(amounts(f"{settlement}SpecifiedTradeAllowanceCharge/{RAM}ActualAmount")) == allowances

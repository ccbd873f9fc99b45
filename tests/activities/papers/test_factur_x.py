"""An invoice as data: valid by the published rules, and in a PDF that can be kept for years."""

import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from facturx import get_xml_from_pdf, xml_check_xsd
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader

from activities.papers.embedding import embedded
from activities.papers.factur_x import DataLine, InvoiceData, Party, as_xml
from activities.papers.invoice import print_invoice
from domain.invoices.papers import InvoicePaper
from domain.invoices.rules import PaymentMethod
from domain.tax import PricedLine, price
from tests.activities.papers.published_rules import PublishedRules, published_rules
from tests.activities.papers.test_invoice_paper import IBAN, paper
from tests.activities.papers.test_quote_paper import COMPANY, CUSTOMER, plain, read

RAM = "{urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100}"
FX = "{urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#}"
PDFA = "{http://www.aiim.org/pdfa/ns/id/}"
EXTENSION = "{http://www.aiim.org/pdfa/ns/schema#}"


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


@pytest.fixture(scope="module")
def rules() -> Iterator[PublishedRules]:
    with published_rules() as rules:
        yield rules


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"payment_method": PaymentMethod.CASH, "iban": None, "stamp_duty": 89_250, "currency": "DZD"},
        {"credits": "INV-2026-000041", "number": "CRN-2026-000001", "due_on": None, "terms": None, "iban": None},
        {"account": "00100123456789012345", "iban": None, "notes": "Merci"},
    ],
)
def test_its_data_is_valid_by_the_published_schema_and_rules(rules: PublishedRules, given: dict[str, object]) -> None:
    xml = as_xml(as_data(**given))
    assert xml_check_xsd(xml, flavor="factur-x", level="basic")
    assert rules.broken_by(xml) == set()


@pytest.mark.parametrize(
    ("said", "instead", "broken"),
    [
        # BR-CO-15: the total is the base and the tax.
        ("GrandTotalAmount>", "GrandTotalAmount>1", "BR-CO-15"),
        ("<ram:CountryID>DZ<", "<ram:CountryID>XX<", "FX-SCH-A"),
        ('schemeID="FC"', 'schemeID="VA"', "BR-CO-09"),
    ],
)
def test_the_rules_notice_what_is_wrong(rules: PublishedRules, said: str, instead: str, broken: str) -> None:
    xml = as_xml(as_data()).decode()
    assert said in xml
    assert any(broken in each for each in rules.broken_by(xml.replace(said, instead, 1).encode()))


_LINES = st.lists(
    st.builds(
        lambda quantity, unit_price, discount, tax: PricedLine(quantity, unit_price, discount, *tax),
        st.integers(1, 10**6),
        st.integers(0, 10**8),
        st.sampled_from((0, 1, 250, 3_333, 10_000)),
        st.sampled_from(((1_900, None), (900, None), (550, None), (0, None), (0, "Export"), (0, "Art. 42"))),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=60, deadline=None)
@drawn(
    lines=_LINES,
    discount_bp=st.sampled_from((0, 1, 400, 3_333, 9_999, 10_000)),
    stamp_duty=st.sampled_from((0, 500, 89_250)),
    method=st.sampled_from((None, *PaymentMethod)),
    taken_back=st.sampled_from((None, "INV-2026-000041")),
)
def test_whatever_is_sold_keeps_the_rules(
    rules: PublishedRules,
    lines: list[PricedLine],
    discount_bp: int,
    stamp_duty: int,
    method: PaymentMethod | None,
    taken_back: str | None,
) -> None:
    data = as_data(
        lines=[DataLine("Chaise", line) for line in lines],
        totals=price(lines, discount_bp),
        stamp_duty=stamp_duty,
        payment_method=method,
        credits=taken_back,
    )
    xml = as_xml(data)
    assert xml_check_xsd(xml, flavor="factur-x", level="basic")
    assert rules.broken_by(xml) == set()


def test_its_data_is_embedded_and_adds_up() -> None:
    data = as_data()
    whole = embedded(print_invoice(paper()), data, language="fr", title="Facture")
    name, xml = get_xml_from_pdf(whole)
    assert name == "factur-x.xml"
    assert "INV-2026-000042" in plain(" ".join(read(whole)))
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


@pytest.fixture(scope="module", params=[InvoicePaper.ISSUED, InvoicePaper.PAID, InvoicePaper.CREDIT_NOTE])
def kept(request: pytest.FixtureRequest) -> PdfReader:
    """A paper as it is kept; a paid one has a mark across it that shines through."""
    which = paper(request.param, credits="INV-2026-000041" if request.param is InvoicePaper.CREDIT_NOTE else None)
    return PdfReader(io.BytesIO(embedded(print_invoice(which), as_data(), language="fr", title="Facture")))


# What ISO 19005-3 (PDF/A-3, conformance B) asks of what such a paper consists of; the clauses are its own.


def test_its_metadata_say_what_it_is(kept: PdfReader) -> None:
    """6.6: metadata that any reader finds, with a description of what PDF/A itself does not know; Factur-X 1.09, 6."""
    stream = root_of(kept)["/Metadata"].get_object()
    assert (stream["/Type"], stream["/Subtype"]) == ("/Metadata", "/XML")
    assert "/Filter" not in stream
    said = etree.fromstring(stream.get_data())
    assert [said.findtext(f".//{PDFA}{name}") for name in ("part", "conformance")] == ["3", "B"]
    names = ("DocumentType", "DocumentFileName", "Version", "ConformanceLevel")
    assert [said.findtext(f".//{FX}{name}") for name in names] == ["INVOICE", "factur-x.xml", "1.0", "BASIC"]
    assert f"{{{said.findtext(f'.//{EXTENSION}namespaceURI')}}}" == FX
    described = {each.text for each in said.iter("{http://www.aiim.org/pdfa/ns/property#}name")}
    assert described == set(names)


def test_its_data_is_a_part_of_it_by_name_and_kind(kept: PdfReader) -> None:
    """6.8: what a file that is embedded is to the paper."""
    root = root_of(kept)
    (associated,) = (each.get_object() for each in root["/AF"].get_object())
    name, listed = root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert (name, listed.get_object()) == ("factur-x.xml", associated)
    assert associated["/AFRelationship"] == "/Alternative"
    assert associated["/F"] == associated["/UF"] == "factur-x.xml"
    file = associated["/EF"]["/F"].get_object()
    assert file["/Subtype"] == "/text/xml"
    assert file["/Params"]["/ModDate"]
    assert file["/Params"]["/Size"] == len(file.get_data())


def test_its_colours_are_those_of_the_profile_that_it_brings(kept: PdfReader) -> None:
    """6.2.2 to 6.2.4: colours of a device only where a profile says what they are; 6.2.10: so things may shine
    through."""
    (intent,) = (each.get_object() for each in root_of(kept)["/OutputIntents"])
    assert intent["/S"] == "/GTS_PDFA1"
    profile = intent["/DestOutputProfile"].get_object()
    said = profile.get_data()
    assert (profile["/N"], said[12:16], said[16:20], said[36:40]) == (3, b"mntr", b"RGB ", b"acsp")
    assert said[8] <= 4
    for page in kept.pages:
        operators = {operator for _, operator in page.get_contents().operations}  # type: ignore[union-attr]
        assert b"rg" in operators
        assert not operators & {b"k", b"K", b"cs", b"CS", b"sh", b"ri"}
        for state in page["/Resources"].get("/ExtGState", {}).values():  # type: ignore[attr-defined]
            assert not set(state.get_object()) & {"/TR", "/TR2", "/HTP", "/SMask", "/BM"}


def test_its_typefaces_are_embedded_and_measured(kept: PdfReader) -> None:
    """6.2.11: every typeface with its characters and their widths; symbolic ones say no encoding of their own."""
    fonts = [font.get_object() for page in kept.pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]
    assert fonts
    for font in fonts:
        described = font["/FontDescriptor"]
        assert described["/FontFile2"].get_object().get_data()
        assert described["/Flags"] & 4
        assert "/Encoding" not in font
        assert len(font["/Widths"]) == font["/LastChar"] - font["/FirstChar"] + 1


def test_nothing_in_it_acts_hides_or_is_somewhere_else(kept: PdfReader) -> None:
    """6.1.2, 6.1.3, 6.1.7, 6.3, 6.5, 6.9: version, identity, filters, annotations, actions, optional contents."""
    assert kept.pdf_header == "%PDF-1.7"
    assert len(kept.trailer["/ID"]) == 2
    assert not kept.is_encrypted
    assert not set(root_of(kept)) & {
        "/OpenAction",
        "/AA",
        "/AcroForm",
        "/OCProperties",
        "/NeedsRendering",
        "/Requirements",
    }
    for page in kept.pages:
        assert not set(page) & {"/Annots", "/AA", "/PresSteps"}
    assert len(kept.xref[0]) > 15
    for number in range(1, len(kept.xref[0]) + 1):
        each = kept.get_object(number)
        filters = each.get("/Filter", []) if isinstance(each, dict) else []
        assert "LZWDecode" not in str(filters)
        assert not isinstance(each, dict) or not set(each) & {"/FFilter", "/FDecodeParms", "/JS"}


def root_of(pdf: PdfReader) -> Any:
    return pdf.trailer["/Root"]

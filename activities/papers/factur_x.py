"""An invoice as data: EN 16931 in the syntax of Factur-X, profile BASIC."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from lxml import etree

from domain.invoices.rules import PaymentMethod
from domain.money import BASIS_POINTS, exponent
from domain.tax import LineAmounts, PricedLine, TaxOfRate, Totals

PROFILE = "urn:cen.eu:en16931:2017#compliant#urn:factur-x.eu:1p0:basic"
MOST_DECIMALS = 2
"""Of the amounts of EN 16931: an invoice in a currency with more has no such form."""

_NAMESPACES = {
    "rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
    "ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    "udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
}
_INVOICE, _CREDIT_NOTE = "380", "381"
_TRANSFER, _ANY_MEANS = "30", "1"
_MEANS = {PaymentMethod.CASH: "10", PaymentMethod.CARD: "48", PaymentMethod.CHEQUE: "20"}
_STANDARD, _EXEMPT, _ZERO = "S", "E", "Z"
_PIECE = "C62"
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Element = tuple[str, Any] | tuple[str, Any, dict[str, str]]
"""A name, its text or its children, and its attributes."""


@dataclass(frozen=True)
class Party:
    """The seller or the buyer. A tax number that begins with its country's code is one for value added tax; `register`
    is the number under which a company is registered."""

    name: str
    country: str
    tax_number: str | None = None
    register: str | None = None
    address: str | None = None


@dataclass(frozen=True)
class DataLine:
    name: str
    priced: PricedLine


@dataclass(frozen=True)
class InvoiceData:
    """What the data says: the same as the paper."""

    number: str
    issued_on: date
    seller: Party
    buyer: Party
    currency: str
    lines: Sequence[DataLine]
    totals: Totals
    stamp_duty: int = 0
    due_on: date | None = None
    payment_method: PaymentMethod | None = None
    iban: str | None = None
    account: str | None = None
    notes: str | None = None
    terms: str | None = None
    credits: str | None = None


def as_xml(data: InvoiceData) -> bytes:
    """The data as XML."""
    root = etree.Element(f"{{{_NAMESPACES['rsm']}}}CrossIndustryInvoice", nsmap=_NAMESPACES)
    _fill(root, _document(data))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return written


def _document(data: InvoiceData) -> Iterator[Element]:
    guideline = ("ram:GuidelineSpecifiedDocumentContextParameter", [("ram:ID", PROFILE)])
    yield "rsm:ExchangedDocumentContext", [guideline]
    notes = [("ram:IncludedNote", [("ram:Content", data.notes)])] if data.notes else []
    kind = _CREDIT_NOTE if data.credits else _INVOICE
    issued = ("ram:IssueDateTime", [_day(data.issued_on)])
    yield "rsm:ExchangedDocument", [("ram:ID", data.number), ("ram:TypeCode", kind), issued, *notes]
    yield (
        "rsm:SupplyChainTradeTransaction",
        [
            *_lines(data),
            (
                "ram:ApplicableHeaderTradeAgreement",
                [
                    ("ram:SellerTradeParty", list(_party(data.seller, seller=True))),
                    ("ram:BuyerTradeParty", list(_party(data.buyer, seller=False))),
                ],
            ),
            ("ram:ApplicableHeaderTradeDelivery", []),
            ("ram:ApplicableHeaderTradeSettlement", list(_settlement(data))),
        ],
    )


def _lines(data: InvoiceData) -> Iterator[Element]:
    for position, (line, amounts) in enumerate(zip(data.lines, data.totals.lines, strict=True), start=1):
        yield "ram:IncludedSupplyChainTradeLineItem", list(_line(position, line, amounts, data.currency))


def _line(position: int, line: DataLine, amounts: LineAmounts, currency: str) -> Iterator[Element]:
    priced = line.priced
    quantity = Decimal(priced.quantity).scaleb(-3).normalize()
    yield "ram:AssociatedDocumentLineDocument", [("ram:LineID", str(position))]
    yield "ram:SpecifiedTradeProduct", [("ram:Name", line.name)]
    price = ("ram:ChargeAmount", _amount(priced.unit_price, currency))
    yield "ram:SpecifiedLineTradeAgreement", [("ram:NetPriceProductTradePrice", [price])]
    yield "ram:SpecifiedLineTradeDelivery", [("ram:BilledQuantity", f"{quantity:f}", {"unitCode": _PIECE})]
    discount = amounts.gross - amounts.net
    reduced = [_allowance(discount, currency, charge=False, reason="Discount")] if discount else []
    total = ("ram:LineTotalAmount", _amount(amounts.net, currency))
    yield (
        "ram:SpecifiedLineTradeSettlement",
        [
            ("ram:ApplicableTradeTax", list(_category(priced.tax_rate_bp, priced.exemption))),
            *reduced,
            ("ram:SpecifiedTradeSettlementLineMonetarySummation", [total]),
        ],
    )


def _category(rate_bp: int, exemption: str | None) -> Iterator[Element]:
    yield "ram:TypeCode", "VAT"
    yield "ram:CategoryCode", _EXEMPT if exemption else _STANDARD if rate_bp else _ZERO
    yield "ram:RateApplicablePercent", _percent(rate_bp)


def _party(party: Party, *, seller: bool) -> Iterator[Element]:
    number = (party.tax_number or "").replace(" ", "")
    yield "ram:Name", party.name
    if registered := party.register or (number if seller else None):
        yield "ram:SpecifiedLegalOrganization", [("ram:ID", registered)]
    lines = [line.strip() for line in (party.address or "").splitlines() if line.strip()]
    named = zip(("One", "Two", "Three"), [*lines[:2], ", ".join(lines[2:])], strict=False)
    address = [(f"ram:Line{place}", line) for place, line in named if line]
    yield "ram:PostalTradeAddress", [*address, ("ram:CountryID", party.country)]
    if number.startswith(party.country):
        yield "ram:SpecifiedTaxRegistration", [("ram:ID", number, {"schemeID": "VA"})]
    elif number and seller:
        yield "ram:SpecifiedTaxRegistration", [("ram:ID", number, {"schemeID": "FC"})]


def _settlement(data: InvoiceData) -> Iterator[Element]:
    currency, totals = data.currency, data.totals
    yield "ram:PaymentReference", data.number
    yield "ram:InvoiceCurrencyCode", currency
    yield "ram:SpecifiedTradeSettlementPaymentMeans", list(_means(data))
    taxes = list(_taxes(data))
    for tax in taxes:
        yield "ram:ApplicableTradeTax", list(_tax(tax, currency))
    yield from _document_discounts(data)
    if data.stamp_duty:
        exempt = ("ram:CategoryTradeTax", list(_category(0, "duty")))
        yield _allowance(data.stamp_duty, currency, exempt, charge=True, reason="Stamp duty")
    due = [("ram:DueDateDateTime", [_day(data.due_on)])] if data.due_on else []
    terms = [("ram:Description", data.terms)] if data.terms else []
    if due or terms:
        yield "ram:SpecifiedTradePaymentTerms", [*terms, *due]
    total = totals.total + data.stamp_duty
    sums = (
        ("LineTotalAmount", totals.subtotal),
        ("ChargeTotalAmount", data.stamp_duty),
        ("AllowanceTotalAmount", totals.discount),
        ("TaxBasisTotalAmount", totals.taxable + data.stamp_duty),
    )
    yield (
        "ram:SpecifiedTradeSettlementHeaderMonetarySummation",
        [
            *((f"ram:{name}", _amount(value, currency)) for name, value in sums),
            ("ram:TaxTotalAmount", _amount(totals.tax, currency), {"currencyID": currency}),
            ("ram:GrandTotalAmount", _amount(total, currency)),
            ("ram:DuePayableAmount", _amount(total, currency)),
        ],
    )
    if data.credits:
        yield "ram:InvoiceReferencedDocument", [("ram:IssuerAssignedID", data.credits)]


def _means(data: InvoiceData) -> Iterator[Element]:
    account = (
        [("ram:IBANID", data.iban)] if data.iban else [("ram:ProprietaryID", data.account)] if data.account else []
    )
    by_hand = _MEANS.get(data.payment_method) if data.payment_method else None
    yield "ram:TypeCode", by_hand or (_TRANSFER if account else _ANY_MEANS)
    if account and not by_hand:
        yield "ram:PayeePartyCreditorFinancialAccount", account


def _taxes(data: InvoiceData) -> Iterator[TaxOfRate]:
    """One for each rate; what is exempt is one too, whatever the reasons, and stamp duty is exempt."""
    exempt = [tax for tax in data.totals.taxes if tax.exemption]
    yield from (tax for tax in data.totals.taxes if not tax.exemption)
    reasons = [tax.exemption or "" for tax in exempt] + (["Stamp duty"] if data.stamp_duty else [])
    if reasons:
        yield TaxOfRate(0, "; ".join(reasons), sum(tax.taxable for tax in exempt) + data.stamp_duty, 0)


def _tax(tax: TaxOfRate, currency: str) -> Iterator[Element]:
    kind, category, rate = _category(tax.rate_bp, tax.exemption)
    yield "ram:CalculatedAmount", _amount(tax.tax, currency)
    yield kind
    if tax.exemption:
        yield "ram:ExemptionReason", tax.exemption
    yield "ram:BasisAmount", _amount(tax.taxable, currency)
    yield category
    yield rate


def _document_discounts(data: InvoiceData) -> Iterator[Element]:
    """The discount on the whole, as the lines of each rate share it."""
    shares: dict[tuple[int, bool], int] = {}
    for line, amounts in zip(data.lines, data.totals.lines, strict=True):
        key = (line.priced.tax_rate_bp, line.priced.exemption is not None)
        shares[key] = shares.get(key, 0) + amounts.document_discount
    for (rate_bp, exempt), share in sorted(shares.items()):
        if share:
            tax = ("ram:CategoryTradeTax", list(_category(rate_bp, "exempt" if exempt else None)))
            yield _allowance(share, data.currency, tax, charge=False, reason="Discount")


def _allowance(amount: int, currency: str, *tax: Element, charge: bool, reason: str) -> Element:
    indicator = ("ram:ChargeIndicator", [("udt:Indicator", "true" if charge else "false")])
    children = [indicator, ("ram:ActualAmount", _amount(amount, currency)), ("ram:Reason", reason), *tax]
    return "ram:SpecifiedTradeAllowanceCharge", children


def _day(day: date) -> Element:
    return "udt:DateTimeString", f"{day:%Y%m%d}", {"format": "102"}


def _amount(minor: int, currency: str) -> str:
    return f"{Decimal(minor).scaleb(-exponent(currency)):f}"


def _percent(rate_bp: int) -> str:
    return f"{Decimal(rate_bp * 100) / BASIS_POINTS:.2f}"


def _fill(parent: Any, children: Iterable[Element]) -> None:
    for name, content, *attributes in children:
        prefix, _, local = name.partition(":")
        child = etree.SubElement(parent, f"{{{_NAMESPACES[prefix]}}}{local}", *attributes)
        if isinstance(content, str):
            child.text = _NOT_IN_XML.sub("", content)
        else:
            _fill(child, content)

"""Whatever text the API accepts, the quote can be printed."""

import io
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from activities.papers.blocks import Customer, PaperLine
from activities.papers.quote import print_quote
from domain.company import Company
from domain.tax import PricedLine, price
from tests.activities.papers.test_quote_paper import paper

WIDE = st.characters(codec="utf-8") | st.sampled_from("W\n @_&<>\u202f\u00ad")
NAME = st.text(WIDE, min_size=1, max_size=120)
TEXT = st.text(WIDE, max_size=400) | st.integers(1, 400).map(lambda times: "W\n" * times)
PRICED = st.builds(
    PricedLine,
    quantity=st.integers(1, 10**9),
    unit_price=st.integers(0, 10**6),
    discount_bp=st.integers(0, 10_000),
    exemption=st.none() | NAME,
)


@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(
    company=st.builds(Company, NAME, TEXT, NAME, NAME, NAME, NAME, NAME),
    customer=st.builds(Customer, NAME, TEXT, NAME),
    lines=st.lists(st.builds(PaperLine, NAME, st.none() | TEXT, PRICED), min_size=1, max_size=4),
    notes=TEXT,
    terms=TEXT,
    locale=st.sampled_from(["fr-DZ", "en"]),
)
def test_whatever_is_written_comes_out_on_paper(
    company: Company, customer: Customer, lines: list[PaperLine], notes: str, terms: str, locale: str
) -> None:
    anything = replace(
        paper(locale=locale),
        company=company,
        customer=customer,
        lines=tuple(lines),
        totals=price([line.priced for line in lines], 100),
        notes=notes,
        terms=terms,
    )
    assert len(PdfReader(io.BytesIO(print_quote(anything))).pages) >= 1

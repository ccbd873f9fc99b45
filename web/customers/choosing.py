"""Choosing a customer by name, in forms that are about one."""

from api.customers.routes import get_customer, list_customers
from api.customers.schemas import CustomerView
from api.http.paging import Paging
from api.http.problems import Problem
from web.http.forms import id_in
from web.http.reading import read
from web.http.visits import Visit

_FIRST = Paging(8, None, None, count=False)


async def customers_to_choose(visit: Visit, name: str, chosen: str | None = None) -> list[CustomerView]:
    """The first customers with these words in their names, and the one that was chosen already; without words only
    that."""
    found = await read(visit, list_customers, paging=_FIRST, q=name.strip(), sort="name") if name.strip() else None
    customers = list(found.items) if found else []
    if chosen and chosen not in {str(customer.id) for customer in customers}:
        customers[:0] = await _known(visit, chosen)
    return customers


async def _known(visit: Visit, chosen: str) -> list[CustomerView]:
    try:
        customer_id = id_in(chosen)
        return [await read(visit, get_customer, customer_id=customer_id)] if customer_id else []
    except Problem:
        return []

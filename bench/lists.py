"""How the time of a list grows with its length: the newest 50 of ten thousand, a hundred thousand and a million
tickets."""

from bench.cpu import ReadCpu
from bench.load import Figure, Series, measure
from bench.product import Product, connections, log_in

SIZES = (10_000, 100_000, 1_000_000)


def tenant_of(size: int) -> str:
    """The slug of the tenant that has so many tickets."""
    return f"bench-{size}"


async def measure_lists(host: str, port: int, password: str, requests: int, cpu: ReadCpu) -> list[Figure]:
    """The list's figure for each size, one client at a time; their tenants must have been made.

    Raises OSError and UnexpectedAnswer, as `product_load` does.
    """
    async with connections(host, port, 1) as opened:
        series = []
        for size in SIZES:
            agent = await log_in(opened[0], f"agent@{tenant_of(size)}.example", password)
            product = Product(opened, customer=agent, agent=agent)
            series.append(Series(f"list of 50 among {size:,}", 1, product.list_tickets))
        return await measure(series, requests, cpu)

"""What `casewright bench` says of pages in a browser."""

from urllib.parse import urlsplit

from bench.browser import measure_first_views
from bench.first_views import SHIFT, table_of
from tests.stack.running_stack import RunningStack
from tests.web.visitor import PASSWORD


async def test_each_page_is_shown_and_stays_where_it_is(stack: RunningStack) -> None:
    address = urlsplit(stack.address)
    at = (address.hostname or "", address.port or 0)
    views = await measure_first_views(*at, "globex", PASSWORD, rounds=1, widths=(390,))
    assert all(view.lcp_ms > 0 and view.shift <= SHIFT for view in views), views
    assert [view.page for view in views if view.key_ms] == [
        "list of tickets",
        "ticket with 30 messages",
        "inbox",
    ]
    assert table_of(views).row_count == len(views)

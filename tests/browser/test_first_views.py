"""What `casewright bench` says of pages in a browser."""

from urllib.parse import urlsplit

from bench.browser import WIDTHS, measure_first_views
from bench.first_views import SHIFT, table_of
from tests.stack.running_stack import RunningStack
from tests.web.visitor import PASSWORD


async def test_each_page_is_shown_at_both_widths_and_stays_where_it_is(stack: RunningStack) -> None:
    address = urlsplit(stack.address)
    views = await measure_first_views(address.hostname or "", address.port or 0, "globex", PASSWORD, rounds=1)
    assert [view.width for view in views] == [*WIDTHS] * (len(views) // len(WIDTHS))
    assert all(view.lcp_ms > 0 and view.shift <= SHIFT for view in views), views
    assert [view.page for view in views if view.key_ms and view.width == WIDTHS[0]] == [
        "list of tickets",
        "ticket with 30 messages",
        "inbox",
    ]
    assert table_of(views).row_count == len(views)

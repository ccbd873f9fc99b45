"""How soon a browser shows a page that is new to it, how much moves meanwhile, and how soon a key is answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.table import Table

LCP_MS, SHIFT, KEY_MS = 1_000, 0.05, 200
"""What each should be at most: 2.5 s, 0.1 and 200 ms are called good (web.dev/articles/vitals)."""


@dataclass(frozen=True)
class FirstView:
    """A page at one width, in CSS pixels: after how many milliseconds the largest of what is seen was painted (Largest
    Contentful Paint), the median and the worst; the most that it moved (Cumulative Layout Shift); and the longest that
    a key took to show on the page: 16 ms stand for less, too; None where the page has no keys."""

    page: str
    width: int
    lcp_ms: float
    lcp_worst_ms: float
    shift: float
    key_ms: float | None

    @property
    def target_met(self) -> bool:
        return self.lcp_worst_ms <= LCP_MS and self.shift <= SHIFT and (self.key_ms or 0) <= KEY_MS


def table_of(views: Sequence[FirstView]) -> Table:
    """The figures for a person to read."""
    shown = Table(
        title="First views: milliseconds until the largest of it was painted; how much moved; milliseconds to a key",
        title_justify="left",
    )
    shown.add_column("page", no_wrap=True)
    for heading in ("px wide", "p50", "worst", "moved", "key", "should be"):
        shown.add_column(heading, justify="right")
    for view in views:
        key = "" if view.key_ms is None else f"{view.key_ms:.0f}"
        colour = "green" if view.target_met else "red"
        target = f"[{colour}]{LCP_MS}, {SHIFT}{f', {KEY_MS}' if key else ''}[/]"
        figures = (f"{view.lcp_ms:.0f}", f"{view.lcp_worst_ms:.0f}", f"{view.shift:.3f}", key, target)
        shown.add_row(view.page, str(view.width), *figures)
    return shown

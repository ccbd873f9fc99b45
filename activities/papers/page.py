"""The sheet: A4 with margins, a running foot with "page x of y", and the same bytes for the same content."""

import io
from collections.abc import Sequence
from typing import Any

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from activities.papers.fonts import BOLD, PLAIN, drawable, ready
from activities.papers.language import Language

MARGIN = 16 * mm
FOOT = 18 * mm
WIDTH = A4[0] - 2 * MARGIN
INK, GREY, HAIRLINE, BAND = HexColor(0x1F2933), HexColor(0x616E7C), HexColor(0xCBD2D9), HexColor(0xF1F4F7)

_STAMP = Color(0.55, 0.6, 0.65, alpha=0.18)


def print_paper(
    story: Sequence[Flowable], *, language: Language, title: str, author: str, foot: str, stamp: str | None = None
) -> bytes:
    """The paper as PDF, with `foot` and the page's number below each page and `stamp` across it. The same arguments
    give the same bytes."""
    paper = io.BytesIO()
    ready()
    document = BaseDocTemplate(
        paper,
        pagesize=A4,
        title=drawable(title),
        author=drawable(author),
        creator="Casewright",
        lang=language.name,
        # Otherwise each page names Helvetica too, which is not embedded.
        initialFontName=PLAIN,
        # No time of printing and no random id.
        invariant=1,
        pageCompression=1,
    )
    frame = Frame(MARGIN, FOOT, WIDTH, A4[1] - MARGIN - FOOT, 0, 0, 0, 0)
    document.addPageTemplates(PageTemplate(frames=[frame]))
    numbered = _numbering(language, drawable(foot), drawable(stamp) if stamp else None)
    document.build(list(story), canvasmaker=numbered)
    return paper.getvalue()


def _numbering(language: Language, foot: str, stamp: str | None) -> type[Canvas]:
    class Numbered(Canvas):  # type: ignore[misc]
        """A canvas that keeps its pages until their number is known, for "page x of y"."""

        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            self._held: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802
            self._held.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._held, start=1):
                self.__dict__.update(page)
                self._draw_edges(number, len(self._held))
                super().showPage()
            super().save()

        def _draw_edges(self, page: int, pages: int) -> None:
            baseline = FOOT - 8 * mm
            self.setStrokeColor(HAIRLINE)
            self.setLineWidth(0.5)
            self.line(MARGIN, baseline + 4 * mm, MARGIN + WIDTH, baseline + 4 * mm)
            self.setFillColor(GREY)
            self.setFont(PLAIN, 7.5)
            self.drawString(MARGIN, baseline, foot)
            self.drawRightString(MARGIN + WIDTH, baseline, language.word("page", page=page, pages=pages))
            if stamp:
                self.saveState()
                self.translate(A4[0] / 2, A4[1] / 2)
                self.rotate(50)
                self.setFillColor(_STAMP)
                self.setFont(BOLD, 88)
                self.drawCentredString(0, -30, stamp)
                self.restoreState()

    return Numbered

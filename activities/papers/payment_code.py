"""The QR code on an invoice, from which a telephone takes the reference of the payment."""

from decimal import Decimal

import segno
from reportlab.lib.units import mm
from reportlab.platypus import Flowable
from segno.helpers import make_epc_qr

from activities.papers.page import INK
from domain.money import exponent

SIDE = 26 * mm
_QUIET = 2
_EPC_CURRENCY, _EPC_MOST, _EPC_NAME, _EPC_TEXT = "EUR", Decimal("999999999.99"), 70, 140


class CodeFlowable(Flowable):  # type: ignore[misc]
    """A QR code, drawn as squares: no image, so nothing is blurred when it is printed."""

    def __init__(self, code: segno.QRCode) -> None:
        super().__init__()
        self._rows = [list(row) for row in code.matrix_iter(border=_QUIET)]
        self.width = self.height = SIDE

    def draw(self) -> None:
        side = SIDE / len(self._rows)
        self.canv.setFillColor(INK)
        for place, row in enumerate(self._rows):
            for column, dark in enumerate(row):
                if dark:
                    self.canv.rect(column * side, SIDE - (place + 1) * side, side, side, stroke=0, fill=1)


def payment_code(
    reference: str, amount: int, currency: str, *, payee: str, iban: str | None, bic: str | None
) -> CodeFlowable:
    """A transfer as European banks read it (EPC069-12) where the account has an IBAN and the amount is in euros; else
    the reference with the amount."""
    value = Decimal(amount).scaleb(-exponent(currency))
    if iban and currency == _EPC_CURRENCY and Decimal(0) < value <= _EPC_MOST:
        try:
            return CodeFlowable(
                make_epc_qr(payee[:_EPC_NAME], iban.replace(" ", ""), value, text=reference[:_EPC_TEXT], bic=bic)
            )
        except ValueError:
            # An account that is none, or a name that this standard cannot write, still has a reference.
            pass
    return CodeFlowable(segno.make_qr(f"{reference}\n{value} {currency}", error="m"))

"""Which callbacks a caller may see."""

from api.callbacks.schemas import CallbackView
from api.cases.reader import Cases, RowsAs
from domain.callbacks.rules import CallbackEvent
from domain.cases import CaseKind
from domain.people.permissions import Permission
from models.callbacks import Callback

CALLBACKS = Cases(
    CaseKind.CALLBACK,
    Callback,
    at="/callbacks/{}",
    read_all=Permission.CALLBACKS_READ_ALL,
    shown=frozenset(CallbackEvent),
    views=RowsAs(CallbackView),
)

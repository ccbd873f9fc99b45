"""What a callback is in the database."""

from activities.cases.aggregate import Aggregate
from activities.cases.step import Step
from domain.callbacks.rules import CallbackState
from models.callbacks import Callback


class Callbacks(Aggregate[Callback, CallbackState, Step[CallbackState]]):
    prefix, digits = "CB", 4
    born_with = ("status", "customer_id", "requester_id")

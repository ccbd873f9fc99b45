"""How tests are handed to processes, and in which order; what they share is in `tests.stack.fixtures`."""

import gc
from random import Random

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.stack import line_counts
from tests.stack.places import LONG_FILES, ORDER, place_of

# What is imported and collected from here on stays: looking through it for garbage takes a quarter of that time.
gc.disable()


class PlaceTogether(LoadScopeScheduling):
    """Gives each place to one process: nothing is started twice."""

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> PlaceTogether:
    """Asked by pytest-xdist when it runs. The order is the one in which tests were collected."""
    config.option.loadscopereorder = False
    return PlaceTogether(config, log)


def pytest_configure(config: pytest.Config) -> None:
    """Asked by pytest when it begins. Who only hands out tests has no use for what they share, and it takes seconds to
    import."""
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", default=None):
        config.pluginmanager.import_plugin("tests.stack.fixtures")
    else:
        line_counts.add_up_only()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Asked by pytest when it begins."""
    parser.addoption("--shuffle", metavar="SEED", help="run the files, and the tests in each, in this seed's order")
    parser.addoption("--pictures", action="store_true", help="put the README's pictures in their place")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Asked by pytest when it has collected. Files stay whole, so that what a module shares is made once."""
    if seed := config.getoption("shuffle"):
        order = Random(seed)
        files = {path: order.random() for path in dict.fromkeys(item.path for item in items)}
        items.sort(key=lambda item: (files[item.path], order.random()))
    places = {place: number for number, place in enumerate(ORDER)}

    def turn(item: pytest.Item) -> tuple[int, bool]:
        return places.get(place_of(item.nodeid), len(ORDER)), not item.nodeid.startswith(LONG_FILES)

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Asked by pytest when it knows what to run."""
    gc.freeze()
    gc.enable()

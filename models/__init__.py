"""The tables. Importing this package registers all of them on `SQLModel.metadata`."""

from importlib import import_module
from pkgutil import iter_modules

for _module in iter_modules(__path__):
    import_module(f"models.{_module.name}")

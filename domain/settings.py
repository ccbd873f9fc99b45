"""What a tenant may set, as it is stored."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Self


class TenantSettings:
    """A frozen dataclass of settings and their defaults inherits this, and names its section among a tenant's."""

    section: ClassVar[str]

    @classmethod
    def in_force(cls, settings: Mapping[str, Any]) -> Self:
        """From all that a tenant has set, in every section."""
        return cls.of(settings.get(cls.section, {}))

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        """From what is stored of the section; what is not set has its default."""
        names = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        given = {name: value for name, value in stored.items() if name in names}
        return cls(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})

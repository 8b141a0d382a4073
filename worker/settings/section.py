"""What a section of the settings is: a frozen struct whose fields carry range and reason, and whose secrets stay hidden."""

from __future__ import annotations

import typing
from typing import Any

import msgspec


def about(
    reason: str, *, at_least: float | None = None, at_most: float | None = None, secret: bool = False
) -> msgspec.Meta:
    """Describe an option: ``Annotated[float, about("why", at_least=1)] = default``.

    Args:
        reason: What it does and why it may need another value; printed by ``dateline config --defaults``.
        at_least: Smallest value, inclusive.
        at_most: Largest value, inclusive.
        secret: Print ``***`` in place of the value; `load` also reads it from the file that ``DATELINE_..._FILE`` names.
    """
    return msgspec.Meta(ge=at_least, le=at_most, description=reason, extra={"secret": secret})


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A group of options under one name. Its ``repr`` shows secrets as ``***``."""

    def __repr__(self) -> str:
        hidden = {option.name for option in options(type(self)) if option.secret}
        pairs = ((name, getattr(self, name)) for name in self.__struct_fields__)
        shown = (f"{name}={'***' if name in hidden and value else repr(value)}" for name, value in pairs)
        return f"{type(self).__name__}({', '.join(shown)})"


class Option(msgspec.Struct, frozen=True):
    """One declared option."""

    name: str
    type: Any  #: the annotation, range included: what `msgspec.convert` takes
    default: Any
    reason: str
    secret: bool


def options(kind: type[msgspec.Struct]) -> tuple[Option, ...]:
    """List the options of a section in their order."""
    found = []
    for field in msgspec.structs.fields(kind):
        meta = _described(field.type)
        default = field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()
        secret = bool((meta.extra or {}).get("secret")) if meta else False
        found.append(Option(field.name, field.type, default, str(meta.description if meta else ""), secret))
    return tuple(found)


def _described(annotation: Any) -> msgspec.Meta | None:
    """What `about` said of a type, or of its part beside ``None``."""
    for part in (annotation, *typing.get_args(annotation)):
        for meta in getattr(part, "__metadata__", ()):
            if isinstance(meta, msgspec.Meta):
                return meta
    return None

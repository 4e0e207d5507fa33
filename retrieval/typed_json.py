"""Converts between JSON values and the types that are declared for them.

The types are msgspec Structs and dataclasses. JSON is read and written by `json`, because editors may send
lone surrogates, which msgspec refuses to write as JSON.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec import inspect

from indexer.errors import UsageError

T = TypeVar("T", bound=msgspec.Struct)


class Parameters(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Values that somebody else sends: the parameters of a request, or the arguments of a command.

    A field whose value is null is treated as missing, and unknown fields are ignored.
    """

    REQUIREMENT: ClassVar[str] = "be an object"
    """What an error says of a value that is not of this type."""


def decode(kind: type[T], values: Mapping[str, Any]) -> T:
    """The value of type `kind` with these fields.

    Raises UsageError, which names the field and what it must be, if a field is missing or has a wrong type.
    """
    found: dict[str, Any] = {}
    for name, (wanted, required) in _fields(kind).items():
        value = values.get(name)
        if value is None and not required:
            continue
        try:
            found[name] = msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            raise UsageError(f"{name!r} must {_requirement(inspect.type_info(wanted))}") from error
    return kind(**found)


def encode(value: Any) -> Any:
    """The JSON value of an object, without the fields that are UNSET. Tuples stay tuples.

    Fields that were left at their default are left out, too, if the type is declared with `omit_defaults`.
    """
    return msgspec.to_builtins(value, enc_hook=_plain)


def _plain(value: Any) -> Any:
    """A value that msgspec does not know: a mapping that is no dict, or a number of NumPy."""
    return dict(value) if isinstance(value, Mapping) else value.item()


@lru_cache(maxsize=64)
def _fields(kind: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """The type of each field, and whether the field is required."""
    return {field.name: (field.type, field.required) for field in msgspec.structs.fields(kind)}


def _at_most(length: int | None) -> str:
    return "" if length is None else f", at most {length}"


def _requirement(kind: inspect.Type) -> str:
    """What a value of a type must do, for an error."""
    match kind:
        case inspect.Metadata(type=described):
            return _requirement(described)
        case inspect.UnionType(types):
            return _requirement(types[0])
        case inspect.IntType(ge=least, le=most):
            return f"be a whole number from {least} to {most}"
        case inspect.LiteralType(values):
            return f"be one of: {', '.join(map(str, values))}"
        case inspect.StrType(max_length=int(most)):
            return f"be a string of at most {most:,} characters"
        case inspect.BoolType():
            return "be true or false"
        case inspect.VarTupleType(item_type=inspect.StructType()):
            return f"be a list of objects{_at_most(kind.max_length)}"
        case inspect.VarTupleType():
            return f"be a list of strings{_at_most(kind.max_length)}"
        case inspect.DictType(value_type=inspect.UnionType()):
            return "be an object with paths as keys and strings or null as values"
        case inspect.DictType():
            return "be an object with paths as keys and strings as values"
        case inspect.StructType(cls=cls) if issubclass(cls, Parameters):
            return cls.REQUIREMENT
        case _:
            return "be a string"

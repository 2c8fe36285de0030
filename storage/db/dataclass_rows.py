"""Queries whose columns are the fields of a dataclass, and rows read into it by name."""

from __future__ import annotations

from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from dataclasses import Field

    from sqlalchemy import ColumnElement, Table


class DataclassInstance(Protocol):
    """An instance of any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


_Model = TypeVar("_Model", bound=DataclassInstance)


def columns_of(
    model: type[DataclassInstance],
    table: Table,
    others: Mapping[str, ColumnElement[Any]] = MappingProxyType({}),
) -> list[ColumnElement[Any]]:
    """Return the columns to select for a dataclass, in the order of its fields.

    `others` has what to select for some fields. Of each other field the table has a column of the
    same name, else KeyError.
    """
    names = [each.name for each in fields(model)]
    return [others[name] if name in others else table.c[name] for name in names]


def reader_of(
    model: type[_Model], converted: Mapping[str, Callable[[Any], object]]
) -> Callable[[Sequence[Any]], _Model]:
    """Return a function that makes a dataclass of a row whose first columns are `columns_of` it.

    `converted` has functions that convert the values of some fields.
    """
    names = [each.name for each in fields(model)]
    count = len(names)
    conversions = [(names.index(name), convert) for name, convert in converted.items()]

    def read(row: Sequence[Any]) -> _Model:
        values = [*row[:count]]
        for place, convert in conversions:
            values[place] = convert(values[place])
        return model(*values)

    return read

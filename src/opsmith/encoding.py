"""Values of the model as JSON and back, by their types."""

from __future__ import annotations

from typing import Any, TypeVar

T = TypeVar("T")


def to_json(value: object, *, indent: int = 2) -> str:
    """JSON text of a model value, keys in the order in which they are declared."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=indent).decode()


def to_plain(value: object) -> Any:
    """Dicts, lists and scalars of a model value."""
    import msgspec

    return msgspec.to_builtins(value)


def from_plain(value: object, kind: type[T]) -> T:
    """The model value of plain data. Raises ValueError that names the place in the data."""
    import msgspec

    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None


def schema(kind: Any) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a type, an object at its root as MCP wants it; what it refers to stands in `$defs`."""
    import msgspec

    (root,), parts = msgspec.json.schema_components((kind,), ref_template="#/$defs/{name}")
    name = root["$ref"].rpartition("/")[2]
    others = {other: part for other, part in parts.items() if other != name}
    return {**parts[name], **({"$defs": others} if others else {})}

"""Validation of params that stops at the first fault, however many a client has packed in."""

from __future__ import annotations

from typing import Any

from pydantic_core import core_schema

_SCHEMAS_OF = {  # types of pydantic's core schema that may stop early, as far as it is new enough
    "list": core_schema.ListSchema,
    "tuple": core_schema.TupleSchema,
    "set": core_schema.SetSchema,
    "frozenset": core_schema.FrozenSetSchema,
    "dict": core_schema.DictSchema,
}
_NO_SCHEMAS = {"default", "expected", "metadata", "serialization"}  # keys of a schema's own values


def failing_fast(schema: Any) -> Any:
    """Return a core schema all collections of which stop at their first fault."""
    if isinstance(schema, (list, tuple)):
        return type(schema)(failing_fast(each) for each in schema)
    if not isinstance(schema, dict):
        return schema
    made = {k: v if k in _NO_SCHEMAS else failing_fast(v) for k, v in schema.items()}
    kind = _SCHEMAS_OF.get(str(made.get("type")))
    if kind is not None and "fail_fast" in kind.__annotations__:
        made["fail_fast"] = True
    return made

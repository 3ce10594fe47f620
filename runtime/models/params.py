"""Params from outside: merged key by key, judged by the model's schema, refused with a fix."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from livedraft.errors import InvalidParams, did_you_mean
from livedraft.protocol.values import plain_params, text_fault

from .base import Params

log = logging.getLogger(__name__)
P = TypeVar("P", bound=Params)
MOST_ITEMS = 1000  # of a list that comes as text


def merge(cls: type[P], current: Params | None, changes: Mapping[str, Any]) -> P:
    """Return ``current`` with ``changes`` laid over it; raise InvalidParams and change nothing."""
    for key in changes:  # pydantic would describe every unknown one before it tells of the first
        if key not in cls.model_fields:
            fix = did_you_mean(key, cls.model_fields)
            raise InvalidParams(f"no parameter '{key[:40]}'", fix=fix)
        fault = text_fault(changes[key])
        if fault is not None:
            raise InvalidParams(f"{key}: {fault}", fix="give plain text")
    merged: dict[str, Any] = current.model_dump() if current is not None else {}
    merged.update(changes)
    try:
        return _usable(cls, cls.model_validate(merged))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        key = str(first["loc"][0])[:40] if first["loc"] else ""
        # What a validator raised comes as "Value error, …"; the rest is for whoever set the param.
        fault = first["msg"].removeprefix("Value error, ")
        raise InvalidParams(f"{key}: {fault[:200]}", fix=_fix(cls, key)) from None
    except BaseException as error:  # a validator is the model's code, and runs on the event loop
        log.error("the params of a model could not be judged", exc_info=error)
        raise InvalidParams(
            "the model could not judge these params", fix="give others; the server's log tells why"
        ) from None


def _usable(cls: type[P], made: P) -> P:
    """Return params as validators left them; raise where no message could tell them."""
    if not isinstance(made, cls):
        raise TypeError(f"a validator made {type(made).__name__} of {cls.__name__}")
    plain_params(made.model_dump(mode="json"))
    for name in {"seed", "steps"} & cls.model_fields.keys():
        value = getattr(made, name)
        if type(value) is not int or value < 0:
            raise TypeError(f"a validator made {type(value).__name__} of {name}")
    return made


def from_text(schema: Mapping[str, Any], texts: Mapping[str, Any]) -> dict[str, Any]:
    """Return params as forms and command lines give them.

    There, a list is text with commas, and a table of weights is ``a:0.8,b``; a weight left out
    is 1. ``schema`` is the JSON schema of the params; ``merge`` reads all other types from text.
    """
    rules = schema["properties"]
    return {name: _from_text(rules.get(name, {}), value) for name, value in texts.items()}


def _from_text(rules: Mapping[str, Any], value: Any) -> Any:
    kind = rules.get("type")
    if not isinstance(value, str):
        return value
    if "enum" in rules:
        return next((one for one in rules["enum"] if str(one) == value.strip()), value)
    if kind not in ("array", "object"):
        return value
    if value.count(",") >= MOST_ITEMS:
        raise InvalidParams(f"over {MOST_ITEMS} items in one text", fix="give fewer, or as JSON")
    items = [item.strip() for item in value.split(",") if item.strip()]
    if kind == "array":
        return items
    pairs = (item.partition(":") for item in items)
    return {name: weight if colon else 1.0 for name, colon, weight in pairs}


def expected(schema: Mapping[str, Any], key: str) -> str:
    """Return which values a param takes, in a few words: "integer 0 to 8", "flat | shaded"."""
    rules = schema["properties"][key]
    if "$ref" in rules:
        rules = schema["$defs"][rules["$ref"].rpartition("/")[2]] | rules
    if "enum" in rules:
        return " | ".join(str(one) for one in rules["enum"] if one != "")
    words = str(rules.get("type", "value"))
    least, most = rules.get("minimum"), rules.get("maximum")
    if least is not None:
        words += f" {least} to {most}" if most is not None else f" from {least}"
    elif most is not None:
        words += f" up to {most}"
    if "multipleOf" in rules:
        words += f" in steps of {rules['multipleOf']}"
    longest = next((rules[n] for n in ("maxLength", "maxItems", "maxProperties") if n in rules), 0)
    return f"{words} of at most {longest}" if longest else words


def _fix(cls: type[Params], key: str) -> str:
    if key not in cls.model_fields:
        return "give params that go together"
    return f"{key} takes: {expected(cls.model_json_schema(), key)}"

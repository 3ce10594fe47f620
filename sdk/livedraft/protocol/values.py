"""What a message may carry: plain values, not too many, not too deep, and texts of characters.

What comes is measured before it is read: reading takes up to fifty times the memory of the bytes,
and what a message may hold bounds both. What goes is made plain first, where it was given.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, cast

import msgpack

from livedraft.errors import BadMessage, InvalidParams

MAX_VALUES = 10_000  # entries of all maps and lists of a message together
MAX_DEPTH = 100  # maps and lists within each other
LEAST_INT, MOST_INT = -(2**63), 2**64 - 1  # what msgpack holds

_FEWER = f"send at most {MAX_VALUES} values in a message"
_FLATTER = f"nest at most {MAX_DEPTH} levels"
_HALVES = re.compile("[\ud800-\udfff]")  # of UTF-16 pairs: no encoding carries them alone
# All but tab and line ends: no user types them, and files, terminals and headers take them for
# orders.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MAPS = {*range(0x80, 0x90), 0xDE, 0xDF}  # first bytes of msgpack, see its specification
_LISTS = {*range(0x90, 0xA0), 0xDC, 0xDD}


def measure_msgpack(data: bytes) -> None:
    """Refuse what holds too much, from the heads of its values alone; raise BadMessage.

    Also raises what msgpack raises of data that is none.
    """
    heads = msgpack.Unpacker(max_buffer_size=max(len(data), 1))
    heads.feed(data)
    left = [1]  # values to come, of each map or list that is open
    count = 0
    while left:
        if not left[-1]:
            left.pop()
            continue
        left[-1] -= 1
        at = heads.tell()
        kind = data[at] if at < len(data) else None
        if kind in _LISTS or kind in _MAPS:
            inside = heads.read_array_header() if kind in _LISTS else heads.read_map_header()
            count += inside
            left.append(inside if kind in _LISTS else 2 * inside)
        else:
            heads.skip()
        if count > MAX_VALUES:
            raise BadMessage("a message of too many values", fix=_FEWER)
        if len(left) > MAX_DEPTH + 1:
            raise BadMessage("a message that is nested too deep", fix=_FLATTER)


def measure_json(text: str) -> None:
    """Refuse what may hold too much; raise BadMessage. Commas and brackets in texts count, too."""
    if sum(map(text.count, ",[{")) > MAX_VALUES:
        raise BadMessage("a message of too many values", fix=_FEWER)


def check(value: Any, depth: int = 0) -> None:
    """Refuse what no answer could repeat: texts, numbers, keys, depth; raise BadMessage."""
    if isinstance(value, str):
        if not value.isascii() and _HALVES.search(value):
            raise BadMessage("a text with half a character", fix="send whole characters")
    elif isinstance(value, (dict, list)):
        if depth >= MAX_DEPTH:
            raise BadMessage("a message that is nested too deep", fix=_FLATTER)
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    raise BadMessage("a map with a key that is no text", fix="name keys by texts")
                check(key)
        for each in value.values() if isinstance(value, dict) else value:
            check(each, depth + 1)
    elif isinstance(value, (int, float)):
        wrong = _number_fault(value)
        if wrong is not None:
            raise BadMessage(wrong, fix="send a smaller number")
    elif not isinstance(value, (bytes, type(None))):
        raise BadMessage(f"a value of type {type(value).__name__}", fix="send plain values")


def text_fault(value: Any) -> str | None:
    """Return what is wrong with a text, or with the first in a value; None if it is fine."""
    if isinstance(value, str):
        found = _CONTROLS.search(value) or _HALVES.search(value)
        return f"a text with U+{ord(found[0]):04X}, which is no character" if found else None
    if isinstance(value, dict):
        return next(filter(None, map(text_fault, (*value, *value.values()))), None)
    if isinstance(value, list):
        return next(filter(None, map(text_fault, value)), None)
    return None


def plain_params(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return params as they can be sent: NumPy's scalars and subclasses become Python's own.

    Raises InvalidParams, which names the param, for what no message carries.
    """
    room = [MAX_VALUES - len(params)]
    made = {}
    for name, value in params.items():
        fault = text_fault(name) if isinstance(name, str) else "a name that is no text"
        if fault is None and room[0] < 0:
            fault = f"over {MAX_VALUES} values"
        if fault is not None:
            raise InvalidParams(f"params: {fault}", fix="give params by their names")
        try:
            made[str.__str__(name)] = _plain(value, 1, room)
        except _Unsendable as error:
            raise InvalidParams(f"{name[:40]}: {error}", fix=error.fix) from None
    return made


def size_of(params: Mapping[str, Any]) -> int:
    """Return the bytes that plain params take in a message."""
    return len(cast(bytes, msgpack.packb(params)))


class _Unsendable(Exception):
    """A value that no message carries."""

    def __init__(self, reason: str, fix: str) -> None:
        super().__init__(reason)
        self.fix = fix


def _plain(value: Any, depth: int, room: list[int]) -> Any:
    # A scalar or an array without axes, of NumPy or of who does as it does.
    if getattr(value, "ndim", None) == 0 and hasattr(value, "item"):
        value = value.item()
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _sound(str.__str__(value), text_fault(value), "give plain text")
    if isinstance(value, int):
        return _sound(int.__int__(value), _number_fault(value), "give a smaller number")
    if isinstance(value, float):
        return _sound(float.__float__(value), _number_fault(value), "give a number")
    if isinstance(value, (Mapping, list, tuple)):
        room[0] -= len(value)
        if depth >= MAX_DEPTH:
            raise _Unsendable(f"nested over {MAX_DEPTH} levels", "give flatter values")
        if room[0] < 0:
            raise _Unsendable(f"over {MAX_VALUES} values", "give fewer")
        if not isinstance(value, Mapping):
            return [_plain(each, depth + 1, room) for each in value]
        if not all(isinstance(key, str) for key in value):
            raise _Unsendable("a table with names that are no texts", "name its entries by texts")
        return {
            _plain(key, depth, room): _plain(each, depth + 1, room) for key, each in value.items()
        }
    raise _Unsendable(
        f"a {type(value).__name__} cannot be sent",
        "give texts, numbers, True, False, None, lists or tables; of an array its .tolist()",
    )


def _sound(value: Any, fault: str | None, fix: str) -> Any:
    if fault is not None:
        raise _Unsendable(fault, fix)
    return value


def _number_fault(value: float) -> str | None:
    if isinstance(value, int):
        return None if LEAST_INT <= value <= MOST_INT else "a whole number of over 64 bits"
    return None if math.isfinite(value) else f"{value} is not a number"

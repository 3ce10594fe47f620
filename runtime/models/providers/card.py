"""What an operator says of a provider's model: a TOML file, or the model's OpenAPI alone."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Literal, cast

from livedraft.errors import ConfigError, did_you_mean
from livedraft.files import read as read_file

from ..base import ImageInput, Params
from .generic import GENERIC_INPUTS, GenericParams
from .schema import described

_MOST_BYTES = 8 * 2**20  # of a card or an OpenAPI
_KINDS = ("image", "video", "audio")


@dataclass(frozen=True, slots=True)
class Card:
    """How a model is asked, and what of it may be expected."""

    title: str = ""
    description: str = ""  # one sentence: what it makes, of what
    licence: str = "as its provider says"
    commercial: Literal["yes", "capped", "no"] = "capped"
    kinds: tuple[str, ...] = _KINDS  # of what it gives
    width: int = 1024  # px, of pictures that it is sent
    height: int = 1024
    drafts: bool = False  # whether each change asks for a draft, which costs what a picture costs
    realtime: bool = False  # whether drafts are asked for over a connection that stays open
    realtime_at: str = ""  # another address than the provider's, of that
    tokens_at: str = ""  # and of what gives it its token
    queue: str = ""  # another address than the provider's, as of a gateway
    hosts: tuple[str, ...] = ()  # further ones that files may come from
    within_s: float = 600.0  # from the request to its answer
    most_bytes: int = 256 * 2**20  # of a file
    schema: str = ""  # the model's OpenAPI, a file beside the card
    params: type[Params] = GenericParams
    inputs: tuple[ImageInput, ...] = GENERIC_INPUTS

    @property
    def gives(self) -> tuple[str, ...]:
        """The kinds of outputs: those of ``kinds``, and a film's sound."""
        sound = ("audio",) if "video" in self.kinds and "audio" not in self.kinds else ()
        return (*self.kinds, *sound)


def read(source: str, model: str) -> Card:
    """Return a card: of a .toml file, or of the model's OpenAPI as .json; raise ConfigError."""
    if not source:
        return Card()
    path = Path(source).expanduser()
    if path.suffix == ".json":
        return _with_schema(Card(), path, model)
    try:
        table = tomllib.loads(_text(path))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", fix="correct the file") from None
    card = _card(table, path)
    return _with_schema(card, path.parent / card.schema, model) if card.schema else card


_SAID = {field.name: field.default for field in fields(Card)}
del _SAID["params"], _SAID["inputs"]


def _card(table: dict[str, Any], path: Path) -> Card:
    said: dict[str, Any] = {}
    for name, value in table.items():
        if name not in _SAID:
            raise ConfigError(f"{path} has no use for {name[:40]}", fix=did_you_mean(name, _SAID))
        usual = _SAID[name]
        if isinstance(usual, tuple) and isinstance(value, list):
            value = tuple(value)
        if isinstance(usual, float) and type(value) is int:
            value = float(value)
        if type(value) is not type(usual) or (isinstance(value, tuple) and not _texts(value)):
            raise ConfigError(
                f"{path}: {name} = {value!r:.60} makes no sense", fix=f"for example {usual!r}"
            )
        if isinstance(value, (int, float)) and not isinstance(value, bool) and not 0 < value < inf:
            raise ConfigError(f"{path}: {name} = {value}", fix="name a finite number above 0")
        said[name] = value
    if not set(said.get("kinds", ())) <= {*_KINDS}:
        raise ConfigError(f"{path}: kinds = {said['kinds']}", fix=f"of {', '.join(_KINDS)}")
    if said.get("commercial", "yes") not in ("yes", "capped", "no"):
        raise ConfigError(f"{path}: commercial", fix="say yes, capped or no")
    return Card(**said)


def _texts(values: tuple[Any, ...]) -> bool:
    return bool(values) and all(isinstance(each, str) for each in values)


def _with_schema(card: Card, path: Path, model: str) -> Card:
    try:
        found = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path} is not JSON: {error}"[:300], fix="correct the file") from None
    try:
        params, inputs, kinds = described(found, model, card.width, card.height)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(
            f"{path} is no OpenAPI of {model}: {error}"[:300],
            fix="save what the provider has as the model's OpenAPI, or leave it out",
        ) from None
    values = {name: getattr(card, name) for name in _SAID}
    if kinds and card.kinds == _KINDS:
        values["kinds"] = kinds
    return Card(**values, params=params, inputs=inputs)


def _text(path: Path) -> str:
    try:
        return read_file(path, _MOST_BYTES).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = cast(Any, error).strerror if isinstance(error, OSError) else "it is no text"
        raise ConfigError(f"cannot read {path}: {reason}", fix="name a file that exists") from None

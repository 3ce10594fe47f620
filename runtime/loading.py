"""Load the settings: defaults < livedraft.toml < LIVEDRAFT_* < flags, each with its source."""

from __future__ import annotations

import reprlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from livedraft.errors import ConfigError, did_you_mean
from livedraft.files import read

from . import environment
from .config import DEFAULTS, NAMES, RULES, Config, Value, shown
from .entries import model_of, of_tables

FILE = "livedraft.toml"
_MOST_BYTES = 8 * 2**20  # of it


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration, where each of its values comes from, and what was passed over."""

    config: Config
    sources: Mapping[str, str]
    notes: tuple[str, ...] = ()  # for the log


def load(
    flags: Mapping[str, Any] | None = None,
    env: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Loaded:
    """Merge all sources; ``file`` must exist, without one ``livedraft.toml`` here may.

    Plans are merged key by key: what a flag says of a model's device leaves the threads that its
    table says. Those of models that are not served any more go.

    ``flags`` are values, or text as on a command line. Unknown keys and unparsable values raise
    ConfigError, which names the source and the closest known key.
    """
    env = env or {}
    named = file or (Path(env[environment.FILE]) if env.get(environment.FILE) else None)
    path = named or Path(FILE)
    values: dict[str, Value] = dict(DEFAULTS)
    sources: dict[str, str] = {name: "default" for name in NAMES}
    layers = [
        (f"file {path}", _read(path) if named or path.is_file() else {}),
        ("environment", environment.settings(env)),
        ("flag", dict(flags or {})),
    ]
    for source, layer in layers:
        said = {name: parse(name, value, source) for name, value in _flat(layer).items()}
        origins: dict[str, str] = {name: source for name in said}
        if said.keys() & {"models", "plans"}:
            below = _still_meant(values["plans"], said)
            parts = [sources["plans"]] * bool(below) + [source] * ("plans" in said)
            origins["plans"] = ", ".join(parts) or "default"
            said["plans"] = (*below, *cast(tuple[str, ...], said.get("plans", ())))
        values |= said
        sources |= origins
    return Loaded(Config(**cast(dict[str, Any], values)), sources, _notes(env))


def parse(name: str, value: object, source: str = "") -> Value:
    """Return a setting's value from text or from a value of TOML or Python; raise ConfigError."""
    where = f"{source}: " if source else ""
    if name not in DEFAULTS:
        raise ConfigError(f"{where}no setting '{name[:100]}'", fix=did_you_mean(name, NAMES))
    default = DEFAULTS[name]
    try:
        return _coerce(default, value)
    except (ValueError, TypeError):
        raise ConfigError(
            f"{where}{name} = {_quoted(value)} is not {_KINDS[type(default)]}",
            fix=f"for example {name} = {shown(default)}",
        ) from None


def listing(loaded: Loaded) -> str:
    """Return every setting as TOML with its source behind it; secrets are masked."""
    lines = []
    for name in NAMES:
        value = cast(Value, getattr(loaded.config, name))
        text = shown("***" if RULES[name].secret and value else value)
        lines.append((f"{name} = {text}", loaded.sources[name]))
    width = max(len(left) for left, _ in lines)
    return "\n".join(f"{left:<{width}}  # {source}" for left, source in lines)


_KINDS = {str: "a text", int: "a whole number", float: "a number", tuple: "a list of texts"}


def _coerce(default: Value, value: object) -> Value:
    if isinstance(default, tuple):
        if isinstance(value, str):
            return tuple(item.strip() for item in value.split(",") if item.strip())
        if isinstance(value, dict) and all(isinstance(item, str) for item in value.values()):
            return tuple(f"{key}={item}" for key, item in value.items())
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise TypeError
    if isinstance(default, str):
        if not isinstance(value, str):
            raise TypeError
        return value
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError
    if isinstance(default, int):
        if isinstance(value, float):
            raise TypeError
        return int(value)
    return float(value)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read(path, _MOST_BYTES).decode("utf-8"))
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}", fix="name a file that exists with --config"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError(f"{path} is not TOML: {error}", fix="correct the file") from None


def _notes(env: Mapping[str, str]) -> tuple[str, ...]:
    theirs = environment.of_services(env)
    if not theirs:
        return ()
    return (f"ignored {len(theirs)} variables of a Kubernetes Service, such as {theirs[0]}",)


def _flat(layer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a layer whose tables of models are lists: of their names, and of what they say."""
    tables = layer.get("models")
    if not isinstance(tables, dict):
        return dict(layer)
    if "plans" in layer:
        raise ConfigError("models as tables, and plans beside them", fix="say all in the tables")
    models, plans = of_tables(tables)
    return {**layer, "models": models, "plans": plans}


def _still_meant(plans: Value, read: Mapping[str, Value]) -> tuple[str, ...]:
    """Return those plans of the layers below that are for models which this layer leaves."""
    below = cast(tuple[str, ...], plans)
    if "models" not in read:
        return below
    models = cast(tuple[str, ...], read["models"])
    names = {text.partition("=")[0].strip() for text in models}
    return tuple(plan for plan in below if model_of(plan) in names)


def _quoted(value: object) -> str:
    """Return a value as an error quotes it; a table may be nested deeper than ``repr`` goes."""
    return repr(value[:100] if isinstance(value, str) else reprlib.repr(value)[:100])

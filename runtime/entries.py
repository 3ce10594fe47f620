"""The table of models: what each entry names, where its weights are, and on which lane it runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from livedraft.errors import ConfigError, did_you_mean

from . import plan
from .plan import DEFAULT_PLAN, Plan

_OURS = ("source", "lane")  # what an entry says beside its model's plan
_KEYS = (*_OURS, *plan.KEYS)


@dataclass(frozen=True, slots=True)
class Entry:
    """One model of a server."""

    name: str
    source: str = ""  # a folder or hub id; empty: what ships with the model
    lane: str = ""  # models of one lane share a thread; empty: all of a device
    plan: Plan = DEFAULT_PLAN
    named: frozenset[str] = frozenset()  # keys of the plan that are its own, not all models'

    @property
    def title(self) -> str:
        """What it may be called before everybody: of a path its end."""
        return self.name.replace("\\", "/").rpartition("/")[2]

    @property
    def on(self) -> str:
        """The lane that it runs on."""
        return self.lane or self.plan.device


def entries(
    models: Iterable[str],
    plans: Iterable[str],
    device: str,
    threads: int,
    parallel: str = "",
) -> tuple[Entry, ...]:
    """Return the entries of ``NAME`` or ``NAME=SOURCE``, changed by ``NAME.KEY=VALUE``.

    Raises ConfigError for what is neither.
    """
    found: dict[str, Entry] = {}
    general = Plan(device, threads)
    if parallel:
        general = plan.changed(general, "parallel", parallel)
    for text in models:
        name, _, source = (part.strip() for part in text.partition("="))
        if not name:
            raise ConfigError(f"models: {text[:100]!r} has no name", fix='models = ["ink=folder"]')
        if name in found:
            raise ConfigError(f"models: '{name[:40]}' is named twice", fix="name each once")
        found[name] = Entry(name, source, plan=general)
    for text in plans:
        _change(found, text)
    return tuple(found.values())


def of_tables(tables: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the models and plans that tables ``[models.NAME]`` say; raise ConfigError."""
    plans = []
    for name, table in tables.items():
        if not isinstance(table, dict):
            raise ConfigError(
                f"models.{name[:40]} is no table", fix=f"write [models.{name[:40]}] above its keys"
            )
        plans += [f"{name}.{key}={_as_text(name, key, value)}" for key, value in table.items()]
    return tuple(tables), tuple(plans)


def model_of(plan: str) -> str:
    """Return the name of the model that an item of ``plans`` is for."""
    return plan.partition("=")[0].strip().rpartition(".")[0]


def _as_text(name: str, key: str, value: object) -> str:
    """Return a value of a table as ``plans`` have it; raise ConfigError for one of no use there."""
    values = value if isinstance(value, list) else [value]
    if not values or any(isinstance(v, bool) or not isinstance(v, (str, int)) for v in values):
        raise ConfigError(
            f"models.{name[:40]}: {key[:40]} is neither a text nor a whole number, nor a list of "
            "such",
            fix=f"see what 'livedraft models {name[:40]}' says of plans",
        )
    return plan.AND.join(map(str, values))


def _change(found: dict[str, Entry], text: str) -> None:
    left, _, value = (part.strip() for part in text.partition("="))
    name, _, key = left.rpartition(".")
    if name not in found:
        if left in found:
            fix = f"write {left}.KEY=VALUE, such as {left}.device=cpu"
            raise ConfigError(f"plans: {text[:100]!r} names no key", fix=fix)
        fix = did_you_mean(name, found)
        raise ConfigError(f"plans: {text[:100]!r} is for no model that is served", fix=fix)
    if key not in _KEYS:
        raise ConfigError(f"plans: no key '{key[:40]}'", fix=did_you_mean(key, _KEYS))
    entry = found[name]
    if key in _OURS:
        changes: dict[str, Any] = {key: value}
    else:
        try:
            changes = {"plan": plan.changed(entry.plan, key, value), "named": entry.named | {key}}
        except ConfigError as error:
            raise ConfigError(f"plans: {name}.{error.message}", fix=error.fix) from None
    found[name] = replace(entry, **changes)

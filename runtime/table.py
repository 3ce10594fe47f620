"""The models of a server, loaded lane by lane; one that fails is left out, and the others serve."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from livedraft.errors import ConfigError, LivedraftError, ModelNotFound, WeightsError

from .adapters import read_for
from .budget import budgets, numbered
from .cache_folder import cache_folder
from .config import Config
from .engine.contract import check_info
from .engine.faults import of_model
from .engine.memory import Memory, trim
from .entries import Entry, entries
from .models import MODELS, load_model
from .models.adapters import Adapter, attach
from .models.base import AnyModel
from .models.diffusion.room import free_memory
from .plan import Plan, check
from .readiness import Readiness
from .sessions.admission import check_places

log = logging.getLogger(__name__)

_OURS = 0.95  # of what a GPU has free: contexts and fragments take some
_AT_START = "the log tells where; mend that, or serve without it"


class Table:
    """Loads the entries of a configuration, and knows what became of each."""

    def __init__(self, config: Config, readiness: Readiness) -> None:
        self._readiness = readiness
        self.failed: dict[str, LivedraftError] = {}  # by name, of those that are not served
        self._loras = config.loras
        self._accepted = config.accept_licences
        self.plans: dict[str, Plan] = {}  # of the models that were loaded, by name
        self._places = config.max_sessions
        kept = cache_folder(config.cache)
        self._cache = "" if kept is None else str(kept)  # that of plans is told
        self._named: dict[str, str] = {}  # the entry that has an id, of the models of all lanes
        self._taken: set[str] = set()  # LoRAs that a model takes
        self._refused: dict[str, WeightsError] = {}  # the first model's reason not to
        self.lanes: dict[str, list[Entry]] = {}
        for entry in entries(
            config.models, config.plans, config.device, config.threads, config.parallel
        ):
            self.lanes.setdefault(entry.on, []).append(entry)
        self.memory = Memory(partial(_limit, budgets(config.memory)), readiness.bring_back)

    @property
    def names(self) -> dict[str, str]:
        """The models that it shall load, and what all may call them: not where they come from."""
        return {entry.name: entry.title for entry in self._every}

    @property
    def strangers(self) -> set[str]:
        """Those of whom nobody knows the id before they are loaded."""
        return {
            entry.name for entry in self._every if ":" in entry.name or not MODELS.ours(entry.name)
        }

    @property
    def _every(self) -> Iterator[Entry]:
        return (entry for lane in self.lanes.values() for entry in lane)

    def look(self, entries: Sequence[Entry]) -> None:
        """Learn what the models are that are going to be loaded; what is wrong loading tells."""
        for entry in entries:
            with suppress(Exception):  # a stranger's file may raise anything
                self._know(entry, MODELS.load(entry.name))

    def load(self, entry: Entry) -> AnyModel | None:
        """Load a model, and its LoRAs, on a thread of its lane's; None: it is left out.

        Raises ModelNotFound for a name that is none: that is a mistake in the settings.
        """
        model: AnyModel | None = None
        try:
            model = self._loaded(entry)
            check_places(model.info.places, self._places)
            self._check_id(model.info.id, entry.name)
            self.memory.add(model.info.id, model, numbered(entry.plan.device))
        except LivedraftError as error:
            if isinstance(error, ModelNotFound):  # or another package's that cannot be imported
                MODELS.check(entry.name)
            self.leave_out(entry.name, error)
        else:
            self._take(entry, model)
            return model
        model = None  # what was loaded of it is gone
        trim()
        return None

    def _take(self, entry: Entry, model: AnyModel) -> None:
        """Serve a model that was loaded, by its plan, with the LoRAs that fit it."""
        self.plans[model.info.id] = entry.plan
        self._readiness.loaded(entry.name, model.info.id)
        for pair in self._loras:
            name, _, path = pair.partition("=")
            try:
                read = read_for(model, name, Path(path), _AT_START)
            except WeightsError as error:  # it may fit another model
                self._refused.setdefault(pair, error)
                continue
            if read is not None:
                _attach(model, read, f"{name} ({path})")
                self._taken.add(pair)

    def _know(self, entry: Entry, model: type[AnyModel]) -> None:
        if not (entry.source and entry.name.startswith("provider:")):  # its card is read on loading
            self._readiness.know(entry.name, model)

    def _loaded(self, entry: Entry) -> AnyModel:
        told = self._readiness
        try:
            told.begin(entry.name)
            chosen = MODELS.load(entry.name)
            self._know(entry, chosen)
            device = numbered(entry.plan.device)
            self.memory.room_for(device, 0)  # asks what is free before anything is loaded
            plan = replace(
                entry.plan,
                cache=self._cache,
                report=partial(told.hear, entry.name),
                free=partial(self.memory.room_for, device),
            )
            check(entry.name, chosen.honours, plan, entry.named)
            model = load_model(chosen, entry.source, plan, self._accepted)
            check_info(model.info)
        except ModelNotFound:
            raise
        except BaseException as error:  # a model may raise anything; SystemExit would end us too
            raise of_model(error, f"loading the model '{entry.name}'", _AT_START) from None
        return model

    def leave_out(self, name: str, error: LivedraftError) -> None:
        """Serve without a model, for a reason, whose frames held what was loaded of it."""
        error.__traceback__ = error.__context__ = error.__cause__ = None
        self.failed[name] = error
        self._readiness.fail(name, error)
        log.error("the model '%s' is not served: %s", name, error)

    def _check_id(self, id: str, name: str) -> None:
        """Raise ConfigError for a model whose id another one has already."""
        other = self._named.setdefault(id, name)  # lanes load beside one another
        if other != name:
            raise ConfigError(
                f"'{name}' has the id '{id[:40]}', which is that of '{other}'",
                fix="give its info another id, or serve one of the two",
            )

    def check(self, served: list[str]) -> None:
        """Raise what went wrong where no model is left, or WeightsError for a LoRA of none."""
        if not served:
            raise next(iter(self.failed.values()))
        for pair in self._loras:
            if pair not in self._taken:
                if pair in self._refused:
                    raise self._refused[pair]
                name, _, path = pair.partition("=")
                raise WeightsError(
                    f"LoRA {name} ({path}) is for none of the models {', '.join(served)}",
                    fix="serve the model that it was trained for, or leave it out",
                )


def _limit(said: Mapping[str, int], device: str) -> int | None:
    """Return what may be taken of a device: what an operator said, of a GPU what is free now."""
    limit = said.get(device, said.get(""))
    if limit is None and device.startswith("cuda"):
        with suppress(WeightsError, ImportError):  # there is none: who loads to it says so
            free = free_memory(device)
            limit = None if free is None else int(free * _OURS)
    return limit


def _attach(model: AnyModel, read: Adapter, what: str) -> None:
    try:
        attach(model, read)
    except BaseException as error:  # as above
        raise of_model(error, f"attaching LoRA {what}", _AT_START) from None

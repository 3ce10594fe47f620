"""A model as one session uses it, and what of one model's drawing and params suits another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from livedraft.errors import InvalidParams, ModelLoading, ModelNotFound
from livedraft.protocol import switching

from ..engine.turn import Cell
from ..models.adapters import check_loras, present
from ..models.base import AnyModel, ModelInfo, Params
from ..models.params import merge
from .account import Account

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Use:
    """A model with the params and the state that a session has of it."""

    info: ModelInfo
    schema: type[Params]
    params: Params
    account: Account = field(default_factory=Account)
    cell: Cell = field(default_factory=Cell)
    hands: tuple[str, ...] = ()  # pictures that it makes for another model which refines
    freed: bool = False  # whether its state was given back

    def merged(self, current: Params | None, changes: Mapping[str, Any]) -> Params:
        """Return params with changes laid over them; raise InvalidParams."""
        return taken(self.info, self.schema, current, changes)


class Uses:
    """The models of one session: which drafts, which refines, and which are needed no more."""

    def __init__(
        self, drafting: Use, find: Callable[[str], AnyModel] | None, *, films: bool = False
    ) -> None:
        self.drafting = drafting
        self._films = films  # whether whoever has it takes films of a model that refines
        self.final: Use | None = None  # what refines, where that is another model
        self._finals = ""  # the model that was asked to refine; empty: the one that drafts
        self._retired: list[Use] = []
        self._find = find

    def info_of(self, name: str) -> ModelInfo:
        """Return what another model is; raise ModelNotFound."""
        return self._model(name).info

    def refine_with(self, name: str) -> None:
        """Have a model make the final pictures from now on.

        Raises ModelNotFound or ModelLoading, and InvalidParams for one whose outputs the session
        has no way for.
        """
        found = self._model(name)
        self._check_outputs(found.info)
        self._finals = name
        if self.final is not None and self.final.info.id != name:
            self._retired.append(self.final)
            self.final = None
        if name != self.drafting.info.id and self.final is None:
            self.final = use_of(found, found.params())

    def finish_with(self, name: str) -> None:
        """Have a model refine as ``refine_with`` does, or as soon as it is loaded."""
        try:
            self.refine_with(name)
        except ModelLoading:
            self._finals = name

    @property
    def finishing(self) -> str:
        """The name of the model that refines."""
        return self._finals or self.drafting.info.id

    @property
    def finisher(self) -> ModelInfo:
        """What is known of that model; raises ModelLoading or ModelNotFound."""
        use = self.drafting if self.finishing == self.drafting.info.id else self.final
        return use.info if use is not None else self.info_of(self.finishing)

    def to_refine(self) -> tuple[Use, Params]:
        """Return what refines and its params: those of the drafts that it takes.

        Raises ModelLoading or ModelNotFound where it is not there.
        """
        if self.final is None and self.finishing != self.drafting.info.id:
            self.refine_with(self.finishing)  # it was not loaded before
        use = self.final or self.drafting
        self._check_outputs(use.info)
        if use is self.drafting:
            return use, use.params
        return use, use.merged(None, carried(use.info, use.schema, self.drafting.params))

    def switch(self, name: str, params: Mapping[str, Any]) -> Use:
        """Draft with another model and return the one before; raise and change nothing."""
        found, old = self._model(name), self.drafting
        kept = carried(found.info, found.params, old.params)
        new = taken(found.info, found.params, None, kept | dict(params))
        if name == old.info.id:
            old.params = new
        elif self.final is not None and name == self.final.info.id:
            self.drafting, self.final = self.final, None
            self.drafting.params = new
        else:
            self.drafting = use_of(found, new)
        if self.drafting is not old:
            self._retired.append(old)
        if self.final is None and self._finals not in ("", name):
            with suppress(InvalidParams, ModelLoading, ModelNotFound):  # a refine tells
                self.refine_with(self._finals)  # it drafted in between, and refines again
        return old

    def relearn(self, info: ModelInfo) -> bool:
        """Take what a model is now, and let go LoRAs that it has no more; False if it is none."""
        changed = [use for use in self.all if use.info.id == info.id]
        for use in changed:
            use.info, use.params = info, present(use.params, info)
        return bool(changed)

    @property
    def held_bytes(self) -> int:
        """What their states took when they were last suspended."""
        return sum(use.cell.held_bytes for use in self.all)

    @property
    def places(self) -> int:
        """What a session of them costs: one thing is made for it at a time."""
        return max(use.info.places for use in self.all)

    @property
    def all(self) -> list[Use]:
        """Those in use."""
        return [use for use in (self.drafting, self.final) if use is not None]

    def unused(self, busy: Sequence[Use], *, closed: bool) -> list[Use]:
        """Return those that are needed no more, each once: all of them when it is closed."""
        if closed:
            self._retired = [use for use in self._retired if use not in self.all] + self.all
        over = [use for use in self._retired if use not in busy and not use.freed]
        self._retired = [use for use in self._retired if use in busy]
        for use in over:
            use.freed = True
        return over

    def _check_outputs(self, finisher: ModelInfo) -> None:
        """Refuse a model whose films or sound nobody takes here."""
        kinds = {spec.kind for spec in finisher.outputs}
        drafting = self.drafting.info
        if "image" in kinds or (self._films and finisher.films):
            return
        if kinds <= {spec.kind for spec in drafting.outputs}:
            return
        raise InvalidParams(
            f"{finisher.id} makes no pictures, so it finishes none of {drafting.id}'s",
            fix=f"open a session of '{finisher.id}' itself",
        )

    def _model(self, name: str) -> AnyModel:
        if self._find is None:
            raise ModelNotFound(f"no other model than {self.drafting.info.id}", fix="use that")
        return self._find(name)


def use_of(model: AnyModel, params: Params) -> Use:
    """Return a new use of a model."""
    return Use(model.info, model.params, params, hands=model.hands)


def taken(
    info: ModelInfo, schema: type[Params], current: Params | None, changes: Mapping[str, Any]
) -> Params:
    """Return a model's params with changes laid over them; raise InvalidParams."""
    made = merge(schema, current, changes)
    check_loras(schema, changes, info)
    return made


def carried(info: ModelInfo, schema: type[Params], params: Params) -> dict[str, Any]:
    """Return those params that their user has set and that another model takes as they are."""
    usual = type(params).model_fields
    kept: dict[str, Any] = {}
    for name, value in params.model_dump(mode="json").items():
        if name not in schema.model_fields or value == usual[name].default:
            continue
        try:
            taken(info, schema, None, kept | {name: value})
        except InvalidParams:
            continue
        kept[name] = value
    return kept


def renamed(things: Mapping[str, T], of: ModelInfo, to: ModelInfo) -> dict[str, T]:
    """Return pictures by the names of another model's inputs; the first goes to the first."""
    return switching.renamed(things, picture_names(of), picture_names(to))


def picture_names(info: ModelInfo) -> list[str]:
    """Return the names of a model's inputs for pictures."""
    return [spec.name for spec in info.inputs if spec.kind == "image"]

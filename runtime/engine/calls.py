"""The calls of models, made on the engine's thread: a batch goes in, a fault stays in its job."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import index
from typing import Any, TypeVar

from livedraft.errors import LivedraftError, OutOfMemory
from livedraft.media.chunks import Output

from ..clock import MONOTONIC, Clock
from ..models.base import AnyModel, Job, Request
from . import contract
from .contract import Groups, Progress
from .faults import Guarded, unexpected
from .memory import Memory
from .outputs import outputs, pictures
from .stability.stage import Seen, Unmoved, VideoStage, judged
from .turn import CallResult, Cell, Emitted, HandedOver, HandOver, Prepare, Step, Turn

T = TypeVar("T")
R = TypeVar("R")


_Item = tuple[Cell, Request[Any]]
_Asked = tuple[Cell, Request[Any], Seen | None]


class Calls:
    """Makes the calls of loaded models; what a model raises is returned for the job at fault."""

    def __init__(
        self,
        models: Mapping[str, AnyModel],
        clock: Clock = MONOTONIC,
        memory: Memory | None = None,
    ) -> None:
        self.models = models
        self._memory = memory or Memory()
        self._clock = clock
        self._groups: dict[str, Groups] = {}

    def make(self, turn: Turn, whole: bool = False) -> Sequence[CallResult]:
        """Return what a turn gave for each of its jobs, in their order; never raises.

        A batch that fails is tried job by job, unless it is made as a ``whole``. Where a job finds
        no memory, what nobody needs at the moment leaves the device, and it is tried once more.
        """
        made = self._made(turn, whole)
        full = [at for at, each in enumerate(made) if isinstance(each, OutOfMemory)]
        if full and self._relieved(turn):
            again = self._made(_part(turn, full), whole)
            made = [*made]
            for at, each in zip(full, again, strict=True):
                made[at] = each
        return made

    def _relieved(self, turn: Turn) -> bool:
        """Free what can be; return whether that was anything.

        Idle models leave, and the states of sessions that draw nothing now: of all models where
        the device itself was full, of the model's own where its budget was.
        """
        there = turn.model not in self._memory.away and self._memory.has_room(turn.model)
        freed = self._memory.relieve(turn.model) if there else False
        asked = [cell for cell, _ in turn.batch] if isinstance(turn, Prepare | HandOver) else []
        resting = [
            (name, cell)
            for name in (self.models if there else [turn.model])
            for cell in self._memory.cells(name)
            if cell.resting and cell not in asked
        ]
        for name, cell in resting:
            self.suspend(name, cell)
        return freed or bool(resting)

    def _made(self, turn: Turn, whole: bool) -> Sequence[CallResult]:
        """Make a turn, its model being on the device."""
        try:
            with self._memory.holding(turn.model):
                return self._called(turn, whole)
        except LivedraftError as error:  # it cannot be there
            return [error] * len(turn.batch)

    def _called(self, turn: Turn, whole: bool) -> Sequence[CallResult]:
        try:
            if isinstance(turn, Prepare):
                return self.prepare(turn.model, turn.batch, whole)
            if isinstance(turn, Step):
                return self.step(turn.model, turn.batch, whole)
            if isinstance(turn, HandOver):
                return self.hand_over(turn.model, turn.batch)
            return self.emit(turn.model, turn.batch, whole)
        except Exception as error:  # a fault of ours: what follows is served
            return [unexpected(error, "a turn of the engine")] * len(turn.batch)

    def prepare(
        self, model: str, items: Sequence[_Item], whole: bool = False
    ) -> list[Progress | LivedraftError]:
        """Make a job of each request; one that makes the call fail fails alone."""
        loaded, groups, guarded = self._of(model, "prepare")

        def prepared(some: Sequence[_Asked]) -> list[Any]:
            made = loaded.prepare([(cell.state, request) for cell, request, _ in some])
            jobs = contract.jobs(made, len(some))
            for job, (cell, _, seen) in zip(jobs, some, strict=True):
                if isinstance(job, Job):
                    job.seen = seen or job.seen
                    cell.jobs[id(job)] = job
            return jobs

        def read(job: Any) -> Progress:
            return contract.progress(job, loaded, groups)

        staged = self._staged(loaded, guarded, self._ready(loaded, guarded, items))
        some = [each for each in staged if isinstance(each, tuple)]
        made = iter(_each(guarded, prepared, some, whole) if some else [])
        jobs = [next(made) if isinstance(each, tuple) else each for each in staged]
        for item in items:
            if item[0].opened:
                self._memory.weigh(model, item[0])
        return [job if isinstance(job, LivedraftError) else guarded(read, job) for job in jobs]

    def step(
        self, model: str, jobs: Sequence[Progress], whole: bool = False
    ) -> list[Progress | LivedraftError]:
        """Advance jobs by one step; a job that makes the call fail fails alone."""
        loaded, groups, guarded = self._of(model, "step")

        def advance(some: Sequence[Progress]) -> None:
            loaded.step([each.job for each in some])

        def after(each: Progress) -> Progress:
            return contract.stepped(each, loaded, groups)

        def alone(each: Progress) -> Progress:
            if not each.job.step > each.step:  # else it advanced before the call failed
                loaded.step([each.job])
            return after(each)

        failure = guarded(advance, jobs)
        if failure is None:
            return [guarded(after, each) for each in jobs]
        if len(jobs) == 1 or whole:
            return [failure] * len(jobs)
        return [guarded(alone, each) for each in jobs]

    def emit(
        self, model: str, jobs: Sequence[Progress], whole: bool = False
    ) -> list[Emitted | LivedraftError]:
        """Return what each job has to show, and where it stands then."""
        loaded, groups, guarded = self._of(model, "emit")

        def emitted(some: Sequence[Progress]) -> list[Emitted]:
            every = [each.job for each in some]
            for job in every:
                job.ready = False
            asked = [job for job in every if not isinstance(job, Unmoved)]
            emitted = outputs(loaded.emit(list(asked)), len(asked), loaded.info) if asked else []
            rest = iter(emitted)
            made = [
                job.shown if isinstance(job, Unmoved) else _shown(job, next(rest)) for job in every
            ]
            after = [contract.progress(job, loaded, groups) for job in every]
            return list(map(Emitted, made, after))

        return _each(guarded, emitted, jobs, whole)

    def hand_over(self, model: str, items: Sequence[_Item]) -> list[HandedOver | LivedraftError]:
        """Make of each request what the model gets that refines it; one that fails fails alone."""
        loaded, _, guarded = self._of(model, "hand_over")

        def handed(item: _Item) -> HandedOver:
            cell, request = item
            return HandedOver(pictures(loaded.hand_over(cell.state, request), loaded.hands))

        ready = self._ready(loaded, guarded, items)
        return [i if isinstance(i, LivedraftError) else guarded(handed, i) for i in ready]

    def alter(
        self, model: str, phase: str, change: Callable[[AnyModel], None]
    ) -> list[LivedraftError | None]:
        """Change a model; return what went wrong, None if nothing did."""
        loaded, _, guarded = self._of(model, phase)
        try:
            with self._memory.holding(model):
                return [guarded(change, loaded)]
        except LivedraftError as error:
            return [error]
        finally:
            self._memory.weigh(model)

    def give_up(self, model: str, job: Job) -> None:
        """Free what a job holds, whatever its model raises."""
        loaded, _, guarded = self._of(model, "give_up")
        guarded(loaded.give_up, job)

    def suspend(self, model: str, cell: Cell) -> None:
        """Have a state leave the device, and weigh it; a fault leaves it as it is."""
        loaded, _, guarded = self._of(model, "suspend")

        def leave(cell: Cell) -> None:
            if cell.opened:
                cell.video = None  # who comes back is shown what is then
                loaded.suspend(cell.state)
                cell.held_bytes = max(0, int(index(loaded.footprint(cell.state))))
                self._memory.leave(model, cell)

        guarded(leave, cell)

    def close(self, model: str, cell: Cell, loaded: AnyModel | None = None) -> None:
        """Free a state, whatever its model raises; ``loaded`` where that may be dropped by then."""

        def forget(cell: Cell) -> None:
            if cell.opened:
                state, cell.state, cell.opened = cell.state, None, False
                cell.video = None
                try:
                    (loaded or self.models[model]).close(state)
                finally:  # until then it is in use, and stays where it is
                    self._memory.leave(model, cell)

        Guarded(f"close of the model '{model}'")(forget, cell)

    def _staged(
        self, loaded: AnyModel, guarded: Guarded, ready: Sequence[_Item | LivedraftError]
    ) -> Sequence[_Asked | Unmoved | LivedraftError]:
        """Make of requests that which the model sees, or what is shown without it."""
        spec = loaded.stability
        if spec is None:
            return [each if isinstance(each, LivedraftError) else (*each, None) for each in ready]
        stages: list[tuple[VideoStage, Request[Any]]] = []
        for cell, request in [each for each in ready if isinstance(each, tuple)]:
            cell.video = cell.video or VideoStage(spec, self._clock)
            stages.append((cell.video, request))
        still = guarded(judged, stages)
        if isinstance(still, LivedraftError):
            return [still] * len(ready)
        told = iter(zip(stages, still, strict=True))

        def staged(item: _Item) -> _Asked | Unmoved:
            (stage, request), of = next(told)
            made = stage.before(request, of)
            if isinstance(made, Unmoved):
                return made
            return (*item, None) if made is None else (item[0], *made)

        return [i if isinstance(i, LivedraftError) else guarded(staged, i) for i in ready]

    def _ready(
        self, loaded: AnyModel, guarded: Guarded, items: Sequence[_Item]
    ) -> list[_Item | LivedraftError]:
        """Open the states that are new; a request whose state cannot be opened fails."""

        def opened(item: _Item) -> _Item:
            cell, _ = item
            if not cell.opened:
                cell.state, cell.opened = loaded.open(), True
            return item

        for cell, _ in items:
            cell.used = True
        return [guarded(opened, item) for item in items]

    def _of(self, model: str, phase: str) -> tuple[AnyModel, Groups, Guarded]:
        groups = self._groups.setdefault(model, Groups())
        guarded = Guarded(f"{phase} of the model '{model}'", reads=phase != "emit")
        return self.models[model], groups, guarded


def _part(turn: Turn, places: Sequence[int]) -> Turn:
    """Return the call of some of a turn's jobs."""
    if isinstance(turn, Prepare | HandOver):
        return replace(turn, batch=[turn.batch[at] for at in places])
    return replace(turn, batch=[turn.batch[at] for at in places])


def _shown(job: Job, made: tuple[Output, ...]) -> tuple[Output, ...]:
    return made if job.seen is None else job.seen.stage.after(job.seen, made)


def _each(
    guarded: Guarded, call: Callable[[Sequence[T]], list[R]], some: Sequence[T], whole: bool
) -> list[R | LivedraftError]:
    """Call with all; if that fails with each alone, so that only those at fault fail."""
    together = guarded(call, some)
    if not isinstance(together, LivedraftError):
        return list(together)
    if len(some) == 1 or whole:
        return [together] * len(some)
    return [guarded(lambda one: call([one])[0], each) for each in some]

"""Run a callable the fastest way that is right, decided for each bucket of shapes at warm-up."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

from livedraft.errors import ConfigError

from ..fused import Fused
from ..peak import unmeasured
from .choice import MODES, Choice, Mode, Way, candidates
from .graphs import CUDA_GRAPHS, Recorder, Replay
from .regional import Compiled
from .store import PlanStore
from .trees import key, tensors
from .trial import Call, Measure, Trial, Wrong, wall_time

logger = logging.getLogger("livedraft.execution")

Heard = Callable[[int, int], None]  # pieces of a bucket that are done, of how many
Warming = Generator[None, None, Choice]  # goes on by a piece
Bucket = tuple[Hashable, Hashable]  # shapes and plain values, and what else a call depends on
_MOST = 64  # buckets that are warmed at sight
_MOST_UNDER_WAY = 4  # that are warmed piece by piece, as each holds what it is tried with


class Execution:
    """A callable, run eagerly or, in the buckets that were warmed, in the way that measured best.

    A bucket is all calls whose tensors have the same shapes, types and devices and whose other
    values are equal. The callable takes tensors, nested dicts, lists and tuples of them, and plain
    values, all by name, and depends on nothing else: noise comes in as a tensor. It leaves its
    inputs as they are. What a warmed bucket returns is valid until the next call of that bucket.

    One thread calls it, the one of the device's lane. Where ``piecewise`` is set, a bucket that is
    met at sight is warmed a piece a call, and called eagerly meanwhile: who calls others in between
    waits for no more than a piece, such as one way's compiling.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        mode: Mode = "auto",
        name: str = "",
        store: PlanStore | None = None,
        *,
        within: Sequence[nn.Module] = (),
        depends: Callable[[], Hashable] = lambda: None,
        outdated: Callable[[Hashable], bool] = lambda depended: False,
        at_sight: bool = False,
        backend: str | Callable[..., Any] = "inductor",
        recorder: Recorder = CUDA_GRAPHS,
        measure: Measure = wall_time,
    ) -> None:
        """Take a callable; ``store`` remembers under ``name`` what was chosen.

        within: the modules that a function runs; a module is its own.
        depends: what else a bucket depends on, such as adapters that a network wears.
        outdated: whether what a bucket depended on will be no more; it is forgotten then.
        at_sight: warm every bucket when it is first called; those beyond 64 stay eager.
        backend: of torch.compile. recorder, measure: what records graphs, and the stopwatch.
        Raises ConfigError for an unknown mode.
        """
        if mode not in MODES:
            raise ConfigError(f"mode = {mode!r} is none", fix=f"one of {', '.join(MODES)}")
        self.name = name
        self._kept_as = _described(name, [call] if isinstance(call, nn.Module) else within)
        self.mode: Mode = mode
        self._call = call
        self._store = store
        self._backend, self._recorder, self._measure = backend, recorder, measure
        self._ways: dict[Bucket, Call] = {}
        self._choices: dict[Bucket, Choice] = {}
        self._fused = Fused(call, [call] if isinstance(call, nn.Module) else within)
        self._compiled: Compiled | None = None
        self._depends, self._outdated = depends, outdated
        self._at_sight = at_sight
        self._warming = False
        self._told: set[str] = set()  # reasons that were logged
        self._under_way: dict[Bucket, _Pieces] = {}
        self.piecewise: Heard | None = None  # hears of buckets that are warmed a piece a call

    def __call__(self, **kwargs: Any) -> Any:
        """Call it, eagerly where the bucket was not warmed."""
        warms = self._warming or self._at_sight
        if not (self._ways or warms):
            return self._call(**kwargs)
        try:
            bucket = self._bucket(kwargs)
        except TypeError as strange:
            self._tell(f"eager: {strange}")
            return self._call(**kwargs)
        if warms and bucket not in self._choices:
            self._forget()
            if len(self._choices) < _MOST:
                self._meet(bucket, kwargs)
            else:
                self._tell(f"eager: {_MOST} buckets are warm already")
        elif self._under_way and self.piecewise is not None:  # whoever asked for it may have left
            self._forget()
            self._piece_of_another(bucket, kwargs, self.piecewise)
        way = self._ways.get(bucket)
        return self._call(**kwargs) if way is None else way(**kwargs)

    def warm(self, **kwargs: Any) -> Choice:
        """Choose how the bucket of this call is run from now on; return what was found.

        A way that fails, gives another result than eager or is not faster is not taken; the reason
        is logged once. Known buckets return at once.
        """
        bucket = self._bucket(kwargs)
        if bucket not in self._choices:
            self._forget()
            self._warm(bucket, kwargs)
        return self._choices[bucket]

    @contextmanager
    def warming(self) -> Iterator[None]:
        """Warm the bucket of every call that is made meanwhile, before it is made."""
        self._warming = True
        try:
            yield
        finally:
            self._warming = False

    @property
    def choices(self) -> list[Choice]:
        """What was chosen for the buckets that were warmed, in their order."""
        return list(self._choices.values())

    def release(self) -> None:
        """Forget what was recorded, as weights move; what is compiled stays, and is warmed anew."""
        self._ways.clear()
        self._choices.clear()
        if self._under_way and self.piecewise is not None:
            self.piecewise(1, 1)  # nobody waits for what is given up
        self._under_way.clear()

    def close(self) -> None:
        """Forget all buckets, and free the memory of their graphs."""
        self.release()
        self._compiled = None

    def _bucket(self, kwargs: dict[str, Any]) -> Bucket:
        return key(kwargs), self._depends()

    def _forget(self) -> None:
        """Forget the buckets that nothing falls into any more, and free their graphs."""
        for dead in [each for each in self._choices if self._outdated(each[1])]:
            del self._choices[dead]
            self._ways.pop(dead, None)
        for dead in [each for each in self._under_way if self._outdated(each[1])]:
            del self._under_way[dead]
            if self.piecewise is not None:
                self.piecewise(1, 1)  # nobody waits for what is given up

    def _warm(self, bucket: Bucket, kwargs: dict[str, Any]) -> None:
        while bucket not in self._choices:
            self._go_on(bucket, kwargs)

    def _meet(self, bucket: Bucket, kwargs: dict[str, Any]) -> None:
        """Warm a bucket that was not met before: at once, or by a piece."""
        if self.piecewise is None or self._warming:
            self._warm(bucket, kwargs)
            return
        if bucket not in self._under_way and len(self._under_way) >= _MOST_UNDER_WAY:
            self._piece_of_another(bucket, kwargs, self.piecewise)  # it waits for them
            return
        self._piece(bucket, kwargs, self.piecewise)

    def _piece_of_another(self, bucket: Bucket, kwargs: dict[str, Any], heard: Heard) -> None:
        """Go on with one that depends on what this call does: it is called as things are now."""
        alike = next((each for each in self._under_way if each[1] == bucket[1]), None)
        if alike is not None:
            self._piece(alike, kwargs, heard)

    def _piece(self, bucket: Bucket, kwargs: dict[str, Any], heard: Heard) -> None:
        done, total = self._go_on(bucket, kwargs)
        if total:
            heard(done, total)

    def _go_on(self, bucket: Bucket, kwargs: dict[str, Any]) -> tuple[int, int]:
        """Warm a bucket by a piece; return how many are done, of how many."""
        found = self._under_way.pop(bucket, None) or _Pieces(*self._begin(bucket, kwargs))
        plain = not found.done  # the first piece takes the time of calls as they are
        with torch.inference_mode(False), torch.no_grad(), unmeasured(plain=plain):
            choice = found.go_on()
        if choice is None:
            self._under_way[bucket] = found
        else:
            self._choices[bucket] = choice
        return found.done, found.total

    def _tell(self, reason: str) -> None:
        """Log a reason once, however many calls or buckets it holds for."""
        if reason not in self._told:
            self._told.add(reason)
            logger.warning("%s: %s", self.name or "a callable", reason)

    def _begin(self, bucket: Bucket, kwargs: dict[str, Any]) -> tuple[Warming, int]:
        """Return the pieces of a bucket's warming, and how many they are."""
        device = next((tensor.device for tensor in tensors(kwargs)), torch.device("cpu"))
        known = self._store.get(self._kept_as, bucket, device) if self._store else None
        fused = bool(self._fused)
        tried = candidates(self.mode, device, fused=fused, known=known)
        if not tried:
            return _settled(known if known and known.way == "eager" else Choice("eager")), 0
        others = candidates(self.mode, device, fused=fused)
        return self._tried(tried, others, bucket, kwargs, device), 1 + len(tried)

    def _tried(
        self,
        tried: Sequence[Way],
        others: Sequence[Way],  # for the case that none of those does what it did once
        bucket: Bucket,
        kwargs: dict[str, Any],
        device: torch.device,
    ) -> Warming:
        best: Way = "eager"
        us: dict[str, float] = {"eager": self._measure(partial(self._call, **kwargs), device)}
        reasons: dict[str, str] = {}
        lasting = True
        for way in dict.fromkeys((*tried, *others)):
            if way not in tried and best != "eager":
                break
            yield
            try:
                trial = Trial(self._call, kwargs, device)  # weights of LoRAs change between pieces
                made = self._made(way, kwargs, device)
                trial.check(made)
            except Wrong as wrong:
                reasons[way] = str(wrong)
            except Exception as raised:  # of a compiler, a capture or a strange module: eager does
                reasons[way] = f"{type(raised).__name__}: {raised}"[:300]
                lasting = lasting and not isinstance(raised, torch.OutOfMemoryError)
            else:
                us[way] = self._measure(partial(made, **kwargs), device)
                if us[way] < us[best]:
                    best, self._ways[bucket] = way, made
                else:
                    reasons[way] = f"it takes {us[way]:.0f} µs, {best} {us[best]:.0f} µs"
        for other, reason in reasons.items():
            self._tell(f"{best}, not {other}: {reason}")
        choice = Choice(best, us, reasons)
        if self._store and lasting:  # there may be more memory next time
            self._store.put(self._kept_as, bucket, device, choice)
        return choice

    def _made(self, way: Way, kwargs: dict[str, Any], device: torch.device) -> Call:
        call = self._call
        if way == "fused":
            call = self._fused
        if way == "compiled":
            self._compiled = self._compiled or Compiled(self._call, self._backend)
            call = self._compiled
            call(**kwargs)  # compiles, outside of a capture
            if device.type != "cuda":
                return call
        return Replay(call, kwargs, self._recorder, device)


class _Pieces:
    """A bucket's warming on its way."""

    def __init__(self, warming: Warming, total: int) -> None:
        self._warming = warming
        self.done, self.total = 0, total

    def go_on(self) -> Choice | None:
        """Do a piece; return what was chosen, with the last."""
        try:
            next(self._warming)
        except StopIteration as over:
            choice: Choice = over.value
            self.done = self.total
            return choice
        self.done = min(self.done + 1, max(self.total - 1, 0))
        return None


def _settled(choice: Choice) -> Warming:
    """Choose without a trial."""
    yield from ()
    return choice


def _described(name: str, modules: Sequence[nn.Module]) -> str:
    """Return a name under which plans are kept: weights of another size have others."""
    if not modules:
        return name
    kinds = ", ".join(type(module).__name__ for module in modules)
    count = sum(each.numel() for module in modules for each in module.parameters())
    return f"{name} ({kinds}, {count} numbers)"

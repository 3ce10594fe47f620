"""A call that stands still where it is told to, and goes on later, on the thread that began it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, NamedTuple
from weakref import ref

import torch
from greenlet import getcurrent, greenlet

from .attention import Attention, Own

__all__ = ["Loop", "before_a_denoiser", "drawn", "step_is_over"]


class Loop:
    """A pipeline's own call, from one step to the next.

    What the call sets of torch for its thread (whether gradients are kept, autocast, where random
    numbers stand), and of the attention of networks that others share, holds while it runs, and
    not between. It is never on another thread than that which began it. Whoever forgets it gives
    it up.
    """

    def __init__(
        self, call: Callable[[], Any], seed: int, attention: Attention, *, tells: bool
    ) -> None:
        """Take what is called; nothing runs yet. ``tells``: whether it says where steps end.

        What the call draws from torch's own generators depends on the ``seed`` alone.
        """
        self._run: Any = greenlet(call)  # None: done
        self._run.gr_context = copy_context()
        self._run.loop = ref(self)
        self._attention, self._own = attention, Own()
        self._tells = tells
        self._begins = True  # the next call of a denoiser begins a step
        self._inside = _modes()._replace(drawn=_seeded(seed))
        self.latents: Any = None  # after the newest step, as the pipeline has them
        self.result: Any = None  # what the call returned

    @property
    def done(self) -> bool:
        """Whether it has returned, raised, or was given up."""
        return self._run is None

    def go_on(self) -> None:
        """Run up to the next step's first call of a denoiser, or to the end; raise its errors."""
        self._switch(lambda run: run.switch())

    def give_up(self) -> None:
        """Unwind the call where it stands, so that its ``finally`` are run and all is freed."""
        while not self.done:  # one that catches all goes on, to its next step at most
            self._switch(lambda run: run.throw())
        self.latents = self.result = None

    def _switch(self, to: Callable[[Any], Any]) -> None:
        run = self._run
        assert run is not None, "one that is done does not go on"
        with self._within():
            try:
                made = to(run)
            finally:
                if run.dead:
                    self._run = None
            if self.done:
                self.result = made

    @contextmanager
    def _within(self) -> Iterator[None]:
        outside = _modes()
        _set(self._inside)
        try:
            with self._attention.within(self._own):
                yield
        finally:
            self._inside = _modes()
            _set(outside)

    def _at_a_denoiser(self) -> bool:
        """Say whether a step begins."""
        begins = self._begins or not self._tells
        self._begins = False
        return begins

    def _over(self, latents: Any) -> None:
        self.latents, self._begins = latents, True


def before_a_denoiser(module: torch.nn.Module, args: tuple[Any, ...]) -> None:
    """Stand still if a step begins: what denoisers call before they compute."""
    loop = _current()
    begins = loop is not None and loop._at_a_denoiser()
    del loop  # else it would be kept by its own call, and never be forgotten
    if begins:
        outside: Any = getcurrent().parent  # there is one: it began the loop
        outside.switch()


def step_is_over(pipe: Any, number: int, time: Any, kept: dict[str, Any]) -> dict[str, Any]:
    """Hear that a step is over: a pipeline's ``callback_on_step_end``, which changes nothing."""
    loop = _current()
    if loop is not None:
        loop._over(kept.get("latents"))
    return kept


def _current() -> Loop | None:
    """Return that which runs; None: no call of ours does."""
    of: ref[Loop] | None = getattr(getcurrent(), "loop", None)
    return of() if of is not None else None


class _Modes(NamedTuple):
    """What torch keeps for a thread, and a call may change on its way."""

    grad: bool
    autocast: tuple[tuple[str, bool, torch.dtype], ...]
    drawn: tuple[torch.Tensor, ...]  # states of torch's own generators: the CPU's, a GPU's


def _seeded(seed: int) -> tuple[torch.Tensor, ...]:
    """Return the states of generators that were seeded."""
    devices = ["cpu", "cuda"] if torch.cuda.is_initialized() else ["cpu"]
    return tuple(torch.Generator(device).manual_seed(seed).get_state() for device in devices)


def _modes() -> _Modes:
    casts = tuple(
        (kind, torch.is_autocast_enabled(kind), torch.get_autocast_dtype(kind))
        for kind in ("cpu", "cuda")
    )
    return _Modes(torch.is_grad_enabled(), casts, drawn())


def drawn() -> tuple[torch.Tensor, ...]:
    """Return where torch's own generators stand: the CPU's, a GPU's if there is one in use."""
    states = [torch.get_rng_state()]
    if torch.cuda.is_initialized():
        states.append(torch.cuda.get_rng_state())
    return tuple(states)


def _set(modes: _Modes) -> None:
    torch.set_grad_enabled(modes.grad)
    for kind, enabled, dtype in modes.autocast:
        torch.set_autocast_enabled(kind, enabled)
        torch.set_autocast_dtype(kind, dtype)
    torch.set_rng_state(modes.drawn[0])
    if len(modes.drawn) > 1:
        torch.cuda.set_rng_state(modes.drawn[1])

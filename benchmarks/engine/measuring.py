"""Measure a case one way, and whether what it makes is right."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from livedraft.kernels.bench.stopwatch import wait

from ..harness import summary
from ..kernels_gpu.measuring import Found, Lost
from .case import Work
from .networks import Place
from .scene import Scene

_ENOUGH_S, _LEAST, _MOST = 1.5, 2, 40  # of timed calls
_SQUARE = 8192  # of the product that measures the matrix rate
_FAR = 5.0  # times what is allowed: how far off the picture of another seed has to be found
_FARTHER = 1.5  # times ours: how far off any wrong picture has to be found

# Relative to the picture's contrast, over all steps: float32 differs by the order of sums, half
# precision by a rounding in each of some hundred layers.
ALLOWED = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}


class Bench:
    """Measures on one device; scenes are made once, and what they are made of is shared."""

    def __init__(self, place: Place, rate: float) -> None:
        self._place = place
        self._rate = rate  # multiply-adds of the matrix units count two
        self._least = 1 if place.tiny else _LEAST
        self._enough = 0.0 if place.tiny else _ENOUGH_S
        self._scenes: dict[str, Scene] = {}
        self._made: dict[Scene, tuple[Tensor, int]] = {}

    def __call__(self, work: Work) -> Found:
        """Return what was found, or under ``failed`` or ``skipped`` why nothing was."""
        try:
            return self._measure(work)
        except torch.OutOfMemoryError:
            self._scenes.clear()
            self._made.clear()
            torch.cuda.empty_cache()
            return {"skipped": {work.kind: "the GPU has not the memory"}}
        except Exception as raised:  # of a compiler, a launch, a library: the next case may do
            found = {"failed": {work.kind: f"{type(raised).__name__}: {raised}"[:600]}}
            try:
                wait(self._place.device)
            except RuntimeError:  # after an illegal access every call says so again
                raise Lost(found) from raised
            return found

    def _measure(self, work: Work) -> Found:
        scene = self._scenes.get(work.case.name)
        if scene is None:
            scene = self._scenes[work.case.name] = work.case.make(self._place)
        if work.kind == "library":
            return self._library(scene)
        if work.kind == "ours":
            return self._ours(scene)
        return self._compiled(scene)

    def _true(self, scene: Scene) -> tuple[Tensor, int]:
        """Return the library's pictures, and the floating-point operations that they take."""
        if scene not in self._made:
            with FlopCounterMode(display=False) as counted:
                made = scene.library()
            self._made[scene] = made, counted.get_total_flops()
        return self._made[scene]

    def _library(self, scene: Scene) -> Found:
        _, flops = self._true(scene)
        times = self._times(scene.library)
        return {
            "batch": scene.batch,
            "flops": flops,
            "library_ms": times["p50"],
            "library_p95_ms": times["p95"],
            "library_share": self._share(flops, times["p50"]),
        }

    def _ours(self, scene: Scene) -> Found:
        true, flops = self._true(scene)
        begun = time.perf_counter()
        choices = scene.warm()
        warmed = time.perf_counter() - begun
        with torch.inference_mode():
            found = self._judged(scene, true)
            times = self._times(scene.ours)
        more = scene.more() if found["right"] else {}
        return {
            "batch": scene.batch,
            "warm_s": warmed,
            "choices": {name: [asdict(each) for each in made] for name, made in choices.items()},
            **found,
            "ours_ms": times["p50"],
            "ours_p95_ms": times["p95"],
            "ours_share": self._share(flops, times["p50"]),
            **more,
        }

    def _judged(self, scene: Scene, true: Tensor) -> Found:
        """Say how far ours is from the library's, and that wrong ones are farther."""
        off, allowed = apart(scene.ours(), true), ALLOWED[true.dtype]
        wrong = {"seed": lambda: scene.ours(seed=99), "time": lambda: scene.ours(late=0.5)}
        controls = {name: apart(wrong[name](), true) for name in scene.controls}
        seen = controls["seed"] >= _FAR * allowed and min(controls.values()) >= _FARTHER * off
        right = off <= allowed and seen
        return {"error": off, "allowed": allowed, "controls": controls, "right": right}

    def _compiled(self, scene: Scene) -> Found:
        begun = time.perf_counter()
        with compiled(scene.network):
            scene.library()
            took = time.perf_counter() - begun
            times = self._times(scene.library)
        return {"compiled_ms": times["p50"], "compiled_p95_ms": times["p95"], "compile_s": took}

    def _times(self, run: Callable[[], Any]) -> dict[str, float]:
        """Return the times of a call that was made before, ms: what waits who asks in turns."""
        device = self._place.device
        spans: list[float] = []
        begun = time.perf_counter()
        while len(spans) < self._least or (
            len(spans) < _MOST and time.perf_counter() - begun < self._enough
        ):
            wait(device)
            start = time.perf_counter()
            run()
            wait(device)
            spans.append(1e3 * (time.perf_counter() - start))
        return summary(spans)

    def _share(self, flops: float, ms: float) -> float:
        return flops / (1e-3 * ms) / self._rate


@contextmanager
def compiled(network: Any, backend: str = "inductor") -> Iterator[None]:
    """Compile a network as diffusers' documentation says, by its repeated blocks; undo it after."""
    torch.compiler.reset()
    network.compile_repeated_blocks(fullgraph=True, backend=backend)
    try:
        yield
    finally:
        for module in network.modules():
            module._compiled_call_impl = None


def apart(made: Tensor, true: Tensor) -> float:
    """Return how far pictures are from others, relative to the contrast of those."""
    made, true = made.float(), true.float()
    off = float((made - true).norm() / (true - true.mean()).norm())
    return off if off == off else float("inf")


def matrix_rate(place: Place) -> float:
    """Return the floating-point operations a second of a large product of random matrices."""
    side = 256 if place.tiny else _SQUARE
    dtype = place.dtype(torch.bfloat16)
    a, b = (torch.randn(side, side, device=place.device).to(dtype) for _ in range(2))
    spans = []
    for _ in range(8):
        wait(place.device)
        begun = time.perf_counter()
        for _ in range(5):
            torch.mm(a, b)
        wait(place.device)
        spans.append((time.perf_counter() - begun) / 5)
    return 2 * side**3 / sorted(spans)[len(spans) // 2]

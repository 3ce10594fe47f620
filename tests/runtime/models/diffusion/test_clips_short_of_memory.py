"""A clip that finds no memory on its way is what it would have been, once there is some."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from tests.runtime.models.diffusion.filming import told

from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.memory import Memory
from livedraft.runtime.engine.turn import Cell, Emit, Emitted, Prepare, Step
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion import video
from livedraft.runtime.models.diffusion.families import anyflow, wan, wan_5b
from livedraft.runtime.models.diffusion.video_models import AnyFlowStream, WanClips, WanSmall

Model = AnyFlowStream | WanClips | WanSmall
_STREAM_S = 1.8  # beyond a window
_BEYOND = 1.5  # levels, of a clip among others


class Relieved(Memory):
    """A device that an idle model leaves whenever there is no room."""

    def relieve(self, but: str) -> bool:
        return True


# The model, whose call fails, that call's name, and which of its calls does.
FAULTS: dict[str, tuple[type[Model], Any, str, int]] = {
    "wan, its first piece": (WanClips, video, "as_pixels", 1),
    "wan, a later piece": (WanClips, video, "as_pixels", 2),
    "wan-5b, its patches": (WanSmall, wan_5b, "_UNPATCHIFY", 1),
    "wan-5b, before it is decoded": (WanSmall, wan_5b.Wan5B, "end", 1),
    "anyflow, its first frame": (AnyFlowStream, anyflow, "as_pixels", 1),
    "anyflow, the last of a chunk": (AnyFlowStream, anyflow, "as_pixels", 3),
    "anyflow, a chunk's end": (AnyFlowStream, torch.Tensor, "float", 2),
    "anyflow, a window's end": (AnyFlowStream, wan.Wan, "encoded", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_one_alone_is_what_it_would_have_been(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind, owner, name, number = FAULTS[fault]
    model = kind.tiny()
    right = filmed(model, [asked(model, 7)])
    failed = failing(monkeypatch, owner, name, number)
    np.testing.assert_array_equal(filmed(model, [asked(model, 7)]), right)
    assert failed() >= number, "the call that fails was made"


@pytest.mark.parametrize("number", [1, 2])
def test_of_two_that_end_unlike_each_is_what_it_would_have_been(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has taken its step when another finds no memory takes no second one."""
    model = WanSmall.tiny()
    two = [asked(model, 7, 3), asked(model, 8, 2)]
    right = [filmed(model, [each])[0] for each in two]
    failed = failing(monkeypatch, wan_5b.Wan5B, "end", number)
    taken = list[int]()
    true = model._advance

    def counted(denoiser: Any, ways: Any, *others: Any) -> None:
        taken.append(len(ways))
        true(denoiser, ways, *others)

    monkeypatch.setattr(model, "_advance", counted)
    for found, wanted in zip(filmed(model, two), right, strict=True):
        assert np.abs(found.astype(int) - wanted).max() <= _BEYOND
    assert (failed(), sum(taken)) == (3, 3 + 2)


def asked(model: Model, seed: int, steps: int = 2) -> Request[Any]:
    seconds = _STREAM_S if isinstance(model, AnyFlowStream) else 0.5
    fields = {"prompt": "a red fox", "seed": seed, "seconds": seconds}
    return Request(model.params.model_validate(fields), {}, Stage.FINAL, steps)


def filmed(model: Model, requests: list[Request[Any]]) -> list[Pixels]:
    """Return the frames of each, made as the engine does it."""
    engine = Calls({"model": model}, memory=Relieved())
    cells = [Cell() for _ in requests]
    made = engine.make(Prepare("model", list(zip(cells, requests, strict=True))))
    frames: list[list[Pixels]] = [[] for _ in requests]
    going: dict[int, Progress] = {number: told(each) for number, each in enumerate(made)}
    while going:
        for group in {each.group for each in going.values()}:
            some = [number for number, each in going.items() if each.group == group]
            stepped = engine.make(Step("model", [going[number] for number in some]))
            for number, each in zip(some, stepped, strict=True):
                going[number] = told(each)
                if going[number].ready:
                    (emitted,) = engine.make(Emit("model", [going[number]]))
                    assert isinstance(emitted, Emitted), emitted
                    going[number] = emitted.progress
                    chunks = [one for one in emitted.outputs if isinstance(one, VideoChunk)]
                    frames[number] += [chunk.frames for chunk in chunks]
        going = {number: each for number, each in going.items() if not each.done}
    return [np.concatenate(each) for each in frames]


def failing(
    monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, number: int
) -> Callable[[], int]:
    """Have one of a call's calls find no memory; return what counts them."""
    true, calls = getattr(owner, name), list[int]()

    @functools.wraps(true)
    def short(*args: Any, **more: Any) -> Any:
        if owner is torch.Tensor and args[0].ndim != 5:  # others than a chunk's latents
            return true(*args, **more)
        calls.append(1)
        if len(calls) == number:
            raise torch.OutOfMemoryError
        return true(*args, **more)

    monkeypatch.setattr(owner, name, short)
    return lambda: len(calls)

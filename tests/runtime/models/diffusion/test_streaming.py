"""A camera painted by diffusion: each frame as a picture of it, still where it is, none lost."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.runtime.models.diffusion.asking import OTHER, PICTURE
from tests.runtime.models.diffusion.filming import (
    KINDS,
    PROMPT,
    US,
    camera,
    counted,
    denoiser,
    filmed,
    painted,
    request,
    run,
)

from livedraft.kernels import frame_similarity
from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.stability import similarity
from livedraft.runtime.engine.turn import Cell
from livedraft.runtime.models.base import Pixels, Request, VideoInput
from livedraft.runtime.models.diffusion.streaming import Streaming
from livedraft.runtime.models.diffusion.streams import (
    LCMStream,
    SD15Stream,
    SDTurboStream,
)


@pytest.fixture(scope="module")
def turbo() -> SDTurboStream:
    return SDTurboStream.tiny()


@pytest.fixture(scope="module")
def lcm() -> LCMStream:
    return LCMStream.tiny()


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_the_picture_that_image_to_image_makes_of_it(kind: type[Streaming]) -> None:
    model, frames = kind.tiny(), camera(3)
    made = filmed(model, frames)
    assert [at for at, _ in made] == [0, 1, 2]
    for frame, (_, shown) in zip(frames, made, strict=True):
        np.testing.assert_array_equal(shown, painted(model, frame))
    assert (made[0][1] != painted(model, 255 - frames[0], strength=0.3)).any()


def test_what_stands_still_does_not_boil_and_another_seed_is_other_noise(
    turbo: SDTurboStream,
) -> None:
    still = [PICTURE.copy() for _ in range(3)]
    (_, first), *others = filmed(turbo, still)
    for _, each in others:
        np.testing.assert_array_equal(each, first)
    assert (filmed(turbo, still[:1], seed=8)[0][1] != first).any()


def test_the_newest_frame_counts(turbo: SDTurboStream) -> None:
    cell, frames = Cell(), camera(3)
    both = VideoChunk(np.stack(frames[:2]), 0, 2 * US), VideoChunk(frames[2][None], 2 * US, US)
    asked = request(turbo, None, 0)
    asked = Request(asked.params, {}, Stage.DRAFT, 1, video={"camera": both})
    (((made,)),) = run(turbo, [(cell, asked)])
    assert (made.pts, made.duration) == (2 * US, US)
    np.testing.assert_array_equal(made.frames[0], painted(turbo, frames[2]))


def test_a_refine_is_a_picture_of_the_newest_frame(turbo: SDTurboStream) -> None:
    cell = Cell()
    filmed(turbo, [OTHER, PICTURE], cell)
    given = turbo.params.model_validate(PROMPT)
    (((still,)),) = run(turbo, [(cell, Request(given, {}, Stage.FINAL, 3))])
    asked = Request(given, {"sketch": PICTURE}, Stage.FINAL, 3)
    (((wanted,)),) = run(turbo, [(Cell(), asked)])
    np.testing.assert_array_equal(still.pixels, wanted.pixels)


def test_a_still_camera_costs_no_call_and_every_sixteenth_frame_is_made(
    turbo: SDTurboStream,
) -> None:
    noise = np.random.default_rng(5)
    frames = [np.clip(PICTURE + noise.integers(-1, 2, PICTURE.shape), 0, 255) for _ in range(20)]
    with counted(denoiser(turbo)) as calls:
        made = filmed(turbo, [frame.astype(np.uint8) for frame in frames], still=3.0)
    assert calls == [1, 1]
    assert [at for at, _ in made] == list(range(20))
    with counted(denoiser(turbo)) as calls:
        filmed(turbo, [frame.astype(np.uint8) for frame in frames])
    assert calls == [1] * 20, "and nothing is taken for still where nobody asked for it"


def test_still_frames_of_all_sessions_are_told_in_one_call_on_the_device(
    turbo: SDTurboStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counting(frame: Any, *others: Any, **ways: Any) -> Any:
        asked.append(len(frame))
        return frame_similarity(frame, *others, **ways)

    monkeypatch.setattr(f"{similarity.__name__}.frame_similarity", counting)
    cells = [Cell() for _ in range(3)]
    with counted(denoiser(turbo)) as calls:
        for at, frames in enumerate([[PICTURE] * 3, [PICTURE, OTHER, PICTURE]]):
            run(
                turbo,
                [
                    (cell, request(turbo, frame, at, still=3.0))
                    for cell, frame in zip(cells, frames, strict=True)
                ],
            )
    assert asked == [3]
    assert calls == [3, 1], "who moves is painted, the others stay"


@pytest.mark.parametrize("pipelined", [False, True])
def test_what_is_painted_in_other_strokes_each_time_is_calmed_where_it_is_asked_for(
    pipelined: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, strokes = LCMStream.tiny(), np.random.default_rng(5)

    def painted_anew(latents: list[Any], small: bool) -> list[Pixels]:
        off = strokes.normal(0, 12, (len(latents), *PICTURE.shape))
        return list(np.clip(np.full(PICTURE.shape, 128) + off, 0, 255).astype(np.uint8))

    monkeypatch.setattr(model._family, "show", painted_anew)

    def flicker(**params: Any) -> float:
        found = filmed(model, [PICTURE] * 10, pipelined=pipelined, **params)
        shown = [each.astype(int) for _, each in found]
        return float(np.mean([np.abs(now - then).mean() for then, now in pairwise(shown)][2:]))

    assert flicker(steady=True) < 0.6 * flicker()


@settings(max_examples=40, deadline=None)
@given(x=st.integers(0, 63), y=st.integers(0, 56), paper=st.integers(0, 255))
def test_a_caret_that_blinks_is_never_taken_for_still(
    turbo: SDTurboStream, x: int, y: int, paper: int
) -> None:
    off = np.full((64, 64, 3), paper, np.uint8)
    on = off.copy()
    on[y : y + 8, x] = 255 if paper < 128 else 0
    if abs(int(on[y, x, 0]) - paper) < 200:
        on[y : y + 8, x : x + 2] = on[y, x]  # the thinner it is, the more it must differ
        on[y : y + 8, max(0, x - 1) : x + 1] = on[y, x]
    with counted(denoiser(turbo)) as calls:
        filmed(turbo, [off, on, off, off], still=3.0)
    assert len(calls) == 3, "and the last is the frame before it"


def test_params_that_change_are_seen_at_once_though_nothing_moves(turbo: SDTurboStream) -> None:
    cell = Cell()
    ((_, one),) = filmed(turbo, [PICTURE], cell, still=3.0)
    ((_, other),) = filmed(turbo, [PICTURE], cell, still=3.0, prompt="two birds")
    assert (one != other).any()
    Calls({"model": turbo}).suspend("model", cell)
    ((_, back),) = filmed(turbo, [PICTURE], cell, still=3.0, prompt="two birds")
    np.testing.assert_array_equal(other, back)


@pytest.mark.parametrize("kind", [LCMStream, SD15Stream])
def test_frames_in_a_line_are_as_alone_and_take_one_call_each(kind: type[Streaming]) -> None:
    model, frames = kind.tiny(), camera(7)
    steps, plain = model.info.draft_steps, filmed(model, frames, guidance=1.0)
    with counted(denoiser(model)) as calls:
        made = filmed(model, frames, pipelined=True, guidance=1.0)
    assert len(calls) == len(frames)
    assert max(calls) == steps > 1
    assert [at for at, _ in made] == list(range(len(frames) - steps + 1))
    for (_, one), (_, other) in zip(made, plain, strict=False):
        assert np.abs(one.astype(int) - other.astype(int)).max() <= 1
    assert (made[0][1] != made[1][1]).any()


def test_a_line_runs_empty_where_the_camera_comes_to_rest(lcm: LCMStream) -> None:
    one, other = camera(2)
    shown = filmed(lcm, [one, one, other, one, one, one], pipelined=True, still=3.0)
    numbers = [at for at, _ in shown]
    assert numbers == sorted(numbers)
    assert 2 in numbers, "what was seen for one frame is shown"
    np.testing.assert_array_equal(shown[-1][1], painted(lcm, one))


def test_sessions_share_the_calls_of_their_lines(lcm: LCMStream) -> None:
    cells, frames = [Cell() for _ in range(2)], camera(4)
    with counted(denoiser(lcm)) as calls:
        for at, frame in enumerate(frames):
            run(
                lcm,
                [
                    (cell, request(lcm, frame, at, pipelined=True, seed=n))
                    for n, cell in enumerate(cells)
                ],
            )
    assert calls == [2, 4, 4, 4]


def test_the_more_moves_the_closer_a_frame_is_followed(turbo: SDTurboStream) -> None:
    def strengths(frames: list[Pixels], **params: Any) -> list[float]:
        found, state = [], turbo.open()
        for at, frame in enumerate(frames):
            jobs = turbo.prepare([(state, request(turbo, frame, at, **params))])
            found.append(jobs[0].way.sampler.start[1])
        return found

    resting, racing = [PICTURE] * 4, [PICTURE, OTHER] * 2
    assert strengths(resting, calm=1.0) == strengths(resting)
    assert strengths(racing) == strengths(resting), "and none is asked for"
    first, *later = strengths(racing, calm=0.5)
    assert all(each < first for each in later)
    assert strengths(racing, calm=1.0)[1] < later[0]


def test_a_stream_leaves_nothing(turbo: SDTurboStream) -> None:
    cell = Cell()
    filmed(turbo, camera(3), cell, still=2.0)
    state = cell.state
    assert turbo.footprint(state) >= 2 * 64 * 64 * 3
    Calls({"model": turbo}).close("model", cell)
    assert turbo.footprint(state) == 0
    assert cell.video is None, "what the stage kept on the device is let go"
    assert (state.frame, state.shown, state.shown_of, state.line) == (None, None, None, [])


def test_the_class_says_what_the_model_takes_before_it_is_loaded() -> None:
    known, loaded = SDTurboStream.info, SDTurboStream.tiny().info
    assert [(each.name, each.kind) for each in known.inputs] == [
        (each.name, each.kind) for each in loaded.inputs
    ]
    assert [each.name for each in known.inputs] == ["sketch", "camera"]
    assert known.outputs == loaded.outputs
    for info in (known, loaded):
        camera = info.inputs[1]
        assert isinstance(camera, VideoInput)
        assert camera.width == info.width

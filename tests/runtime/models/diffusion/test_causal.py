"""A stream equals diffusers' pipeline window by window, goes on beyond, and is steered."""

from __future__ import annotations

import gc
import weakref
from itertools import pairwise
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
from tests.runtime.compute.adapters.nets import in_peft, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import difference
from torch import Generator, Tensor

from livedraft.client import Client
from livedraft.media.chunks import VideoChunk
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import Plan, Request
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.causal_model import CausalJob
from livedraft.runtime.models.diffusion.state import DiffusionState
from livedraft.runtime.models.diffusion.video_models import AnyFlowStream
from livedraft.runtime.models.diffusion.weights import judge
from livedraft.runtime.running import Thread

_DIFFUSERS: Any = diffusers
CLOSE, FAR = 1e-5, 1e-3  # of latents, which are about 1
SIZE, STEPS = 32, 2
FRAMES, CHUNK = 25, 8  # of a window, and of its later chunks
FOX, DRAGON = "a red fox", "a green dragon"


@pytest.fixture(scope="module")
def model() -> AnyFlowStream:
    return AnyFlowStream.tiny()


def job(
    model: AnyFlowStream,
    prompt: str = FOX,
    state: DiffusionState | None = None,
    running: CausalJob | None = None,
    **params: Any,
) -> CausalJob:
    asked: Any = model.params.model_validate({"prompt": prompt, "seed": 7, **params})
    request: Request[Any] = Request(asked, {}, Stage.DRAFT, STEPS, running=running)
    (found,) = model.prepare([(state or model.open(), request)])
    return found


def shown(model: AnyFlowStream, stream: CausalJob, frames: int) -> list[VideoChunk]:
    """Return the chunks of so many frames more."""
    until, found = stream.shown + frames, list[VideoChunk]()
    while stream.shown < until and not stream.done:
        model.step([stream])
        for each in model.emit([stream])[0]:
            assert isinstance(each, VideoChunk)
            found.append(each)
    return found


def theirs(model: AnyFlowStream, generator: Generator, video: Tensor | None = None) -> Any:
    """Return what diffusers' pipeline makes of a window: latents, and frames, 0 to 1."""
    parts = dict(model._family.pipe.components)
    scheduler = parts["scheduler"]
    parts["scheduler"] = type(scheduler).from_config(scheduler.config)
    pipe = _DIFFUSERS.AnyFlowFARPipeline(**parts)
    pipe.set_progress_bar_config(disable=True)
    ways: dict[str, Any] = {"height": SIZE, "width": SIZE, "num_frames": FRAMES}
    ways |= {"num_inference_steps": STEPS, "guidance_scale": 1.0, "video": video}
    latents = pipe(FOX, generator=generator, output_type="latent", **ways).frames
    family = model._family
    whole = family.decode(latents.float(), False)
    return latents, (whole / 2 + 0.5).transpose(1, 2)


def test_windows_are_what_the_pipeline_makes_of_the_end_of_the_one_before(
    model: AnyFlowStream,
) -> None:
    stream, generator = job(model), Generator("cpu").manual_seed(7)
    frames = np.concatenate([each.frames for each in shown(model, stream, FRAMES)])
    latents, pictures = theirs(model, generator)
    assert difference(stream.window.made.transpose(1, 2), latents) <= CLOSE
    wanted = (pictures[0] * 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(frames - wanted).max() <= 0.51
    tail = stream.window.tail
    assert tail is not None
    before = (tail / 2 + 0.5).transpose(1, 2)
    assert before.shape[1] == 9
    more = np.concatenate([each.frames for each in shown(model, stream, FRAMES - 9)])
    latents, pictures = theirs(model, generator, before)
    assert difference(stream.window.made.transpose(1, 2), latents) <= CLOSE
    wanted = (pictures[0, 9:] * 255).permute(0, 2, 3, 1).numpy()
    assert np.abs(more - wanted).max() <= 0.51


def test_a_wrong_timestep_would_be_seen(
    model: AnyFlowStream, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, wrong = job(model), job(model)
    shown(model, right, 1)
    network = model._family.pipe.transformer
    forward = network.forward
    monkeypatch.setattr(
        network,
        "forward",
        lambda *_, timestep, **ways: forward(timestep=timestep - 200, **ways),
    )
    shown(model, wrong, 1)
    assert difference(right.window.made, wrong.window.made) > FAR


def test_a_new_prompt_counts_from_the_next_chunk_on(model: AnyFlowStream) -> None:
    state = model.open()
    kept = shown(model, job(model), 1 + 2 * CHUNK)
    stream = job(model, state=state)
    found = shown(model, stream, 1)
    model.step([stream])  # the second chunk is under way
    assert job(model, DRAGON, state, stream) is stream
    found += shown(model, stream, 2 * CHUNK)
    one, other = (np.concatenate([each.frames for each in some]) for some in (kept, found))
    np.testing.assert_array_equal(one[: 1 + CHUNK], other[: 1 + CHUNK])
    assert (one[1 + CHUNK :] != other[1 + CHUNK :]).any()
    for before, after in pairwise(found):
        assert before.end == after.pts
    assert job(model, FOX, state, stream, seed=8) is not stream, "another seed is another stream"


def test_it_ends_where_it_is_told_to(model: AnyFlowStream) -> None:
    stream = job(model, seconds=0.5)
    chunks = shown(model, stream, 100)
    assert (stream.done, sum(len(each) for each in chunks)) == (True, 8)
    assert chunks[-1].end == 500_000


def test_who_stood_still_is_shown_what_comes_now(model: AnyFlowStream) -> None:
    state = model.open()
    stream = job(model, state=state)
    shown(model, stream, 1)
    asked: Any = model.params.model_validate({"prompt": FOX, "seed": 7})
    late: Request[Any] = Request(asked, {}, Stage.DRAFT, STEPS, at=9_000_000, running=stream)
    model.prepare([(state, late)])
    (after, *_) = shown(model, stream, 1)
    assert after.pts == 9_000_000


def test_a_lora_may_come_on_the_way(tmp_path: Path) -> None:
    model = AnyFlowStream.tiny()
    network = AnyFlowStream.tiny()._family.pipe.transformer
    found = pairs(network, 2, 0, ("to_q", "to_v"))
    assert found
    file = save(tmp_path / "one.safetensors", in_peft(found, "transformer."))
    assert add_lora(model, "one", file)
    plain, worn = job(model), job(model, loras={"one": 1.0})
    for each in (plain, worn):
        shown(model, each, 1)
    assert difference(plain.window.made, worn.window.made) > FAR


def test_a_folder_is_judged_loaded_and_streams_to_a_client(tmp_path: Path) -> None:
    folder = tmp_path / "anyflow"
    AnyFlowStream.tiny().save(folder)
    assert judge(CATALOGUE["anyflow"], str(folder), Plan(), ("anyflow",)).troubles == ()
    loaded = AnyFlowStream.load(str(folder))
    state = loaded.open()
    stream = job(loaded, state=state)
    shown(loaded, stream, 1)
    loaded.close(state)
    assert loaded.footprint(state) == 0
    network, cache = weakref.ref(loaded._family.pipe.transformer), weakref.ref(stream.window)
    del loaded, stream
    gc.collect()
    assert (network(), cache()) == (None, None)
    config = Config(models=(f"anyflow={folder}",), accept_licences=("anyflow",), port=0)
    with Thread(config) as server, Client(server.url) as client:
        with client.session("anyflow", prompt=FOX) as session:
            session.update(seed=7)
            times: list[int] = []
            for output in session.outputs():
                assert isinstance(output, VideoChunk)
                times.append(output.pts)
                if len(times) == 1:
                    session.update(prompt=DRAGON)
                if len(times) > FRAMES:  # beyond a window
                    break
    assert times == sorted(set(times))

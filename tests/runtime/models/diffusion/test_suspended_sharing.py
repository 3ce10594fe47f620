"""What jobs of a pipeline share: attention, LoRAs, prompts that were read, a device's memory."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
import torch
from tests.runtime.compute.adapters.nets import in_kohya, in_peft, merged, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import PICTURE
from tests.runtime.models.diffusion.test_placing import pretended
from tests.runtime.models.diffusion.test_suspended import FOX, loaded, perturbed, saved
from tests.runtime.models.diffusion.test_suspended_jobs import finished, folder, model, prepared

from livedraft.errors import ConfigError, InvalidParams, OutOfMemory
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.adapters import detach
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.state import DiffusionState
from livedraft.runtime.models.diffusion.suspended.model import SuspendedJob, SuspendedModel
from livedraft.runtime.plan import Plan, check

__all__ = ["folder", "model"]

_PIPELINES: Any = diffusers


def selfguided() -> Any:
    """One that leaves its own processor in its UNet's attention."""
    parts = dict(perturbed().components)
    parts["scheduler"] = _PIPELINES.DDIMScheduler.from_config(parts["scheduler"].config)
    return _PIPELINES.StableDiffusionSAGPipeline(**parts, requires_safety_checker=False)


@pytest.mark.parametrize("pipe", [perturbed, selfguided])
def test_the_attention_that_one_call_sets_is_no_others(pipe: Any, tmp_path: Path) -> None:
    """Whichever ends first; and when all have ended it is as it was loaded."""
    model = loaded(saved(pipe, tmp_path / "mine"))
    layers = model._family._attention
    plain = layers.processors
    alone = [finished(model, prepared(model, steps, prompt=FOX, seed=steps)) for steps in (2, 4)]
    first, last = (prepared(model, steps, prompt=FOX, seed=steps) for steps in (2, 4))
    model.step([last])
    assert layers.processors == plain, "between steps nothing of a call is there"
    assert last.call.loop._own.processors != plain, "and it had set something"
    made = [finished(model, first), finished(model, last)]
    for one, other in zip(alone, made, strict=True):
        np.testing.assert_array_equal(one, other)
    assert layers.processors == plain


def style(model: SuspendedModel) -> Any:
    return pairs(model._family.pipe.unet, 4, 1, ("to_q", "to_v", "to_out.0", "conv1"))


def words(model: SuspendedModel) -> Any:
    return pairs(model._family.pipe.text_encoder, 3, 2, ("q_proj", "v_proj", "fc2"))


def test_each_picture_wears_the_loras_that_it_asks_for(
    folder: Path, model: SuspendedModel, tmp_path: Path
) -> None:
    """Step by step beside one without, as the pipeline's own call with the weights changed."""
    assert "loras" in model.params.model_fields
    kept = [model.open(), model.open()]
    bare = pictured(model, kept[0])
    both = in_kohya(style(model), 4.0) | in_kohya(words(model), 3.0, "lora_te_text_model_")
    files = {"both": both, "peft": in_peft(style(model))}
    for name, tensors in files.items():
        assert add_lora(model, name, save(tmp_path / f"{name}.safetensors", tensors))
    jobs = [asked(model, kept[0]), asked(model, kept[1], loras={"both": 0.8})]
    model.step(jobs)
    plain, worn = (finished(model, job) for job in jobs)
    np.testing.assert_array_equal(plain, bare)
    other = loaded(folder)
    pipe = other._family.pipe
    merged(pipe.unet, style(other), 0.8)
    merged(pipe.text_encoder, words(other), 0.8)
    wanted = pictured(other, other.open())
    assert np.abs(worn.astype(int) - wanted).max() <= 1
    assert np.abs(worn.astype(int) - plain).max() > 8
    with pytest.raises(InvalidParams, match="no LoRA"):
        asked(model, kept[0], loras={"other": 1.0})
    for name in files:
        detach(model, name)
    jobs.clear()  # the last that wore them
    gc.collect()
    np.testing.assert_array_equal(pictured(model, kept[0]), bare)
    assert not model._family.loras.nbytes


def test_what_lies_beside_its_weights_is_attached(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "mine"
    own.mkdir()
    for each in folder.iterdir():
        (own / each.name).symlink_to(each)
    (own / "loras").mkdir()
    save(own / "loras" / "style.safetensors", in_peft(style(loaded(folder))))
    assert [lora.name for lora in loaded(own).info.loras] == ["style"]


def asked(model: SuspendedModel, state: DiffusionState, **params: Any) -> SuspendedJob:
    values = model.params.model_validate({"prompt": FOX, "seed": 1, **params})
    (job,) = model.prepare([(state, Request(values, {}, Stage.FINAL, 2))])
    return job


def pictured(model: SuspendedModel, state: DiffusionState, **params: Any) -> Pixels:
    return finished(model, asked(model, state, **params))


def test_a_prompt_is_read_once_and_the_picture_is_the_same(model: SuspendedModel) -> None:
    read: list[int] = []
    model._family.pipe.text_encoder.register_forward_pre_hook(lambda *given: read.append(1))
    state = model.open()
    first = pictured(model, state)
    once = len(read)
    assert once > 0
    np.testing.assert_array_equal(pictured(model, state), first)
    assert len(read) == once
    held = model.footprint(state)
    assert held > 0
    pictured(model, state, prompt="two birds")
    assert len(read) > once
    assert model.footprint(state) > held
    model.suspend(state)
    assert state.away
    np.testing.assert_array_equal(pictured(model, state), first)
    assert not state.away
    model.close(state)
    assert model.footprint(state) == 0


def test_what_a_pipeline_writes_to_is_not_what_is_remembered(model: SuspendedModel) -> None:
    state = model.open()
    first = pictured(model, state)
    job = asked(model, state)
    embeds, _ = job.call.pipe.encode_prompt(
        prompt=FOX,
        device=model._family.device,
        num_images_per_prompt=1,
        do_classifier_free_guidance=False,
    )
    embeds.zero_()
    np.testing.assert_array_equal(finished(model, job), first)
    np.testing.assert_array_equal(pictured(model, state), first)


def test_what_draws_as_it_reads_is_read_each_time(
    model: SuspendedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what it draws next would be other numbers."""
    kind, read = type(model._family.pipe), []
    encode = kind.encode_prompt

    def drawing(pipe: Any, *given: Any, **how: Any) -> Any:
        read.append(float(torch.rand(1)))
        return encode(pipe, *given, **how)

    monkeypatch.setattr(kind, "encode_prompt", drawing)
    state = model.open()
    for _ in range(2):
        pictured(model, state)
    assert len(read) == 2
    assert read[0] == read[1], "of the same seed"


def test_its_parts_count_and_leave_and_come_back(model: SuspendedModel) -> None:
    before = pictured(model, model.open())
    assert model.resident_bytes() > 0
    assert not model.offload(), "it computes on the host"
    placement, device = pretended(model)
    whole = device.nbytes
    assert placement.offload()
    assert device.nbytes == 0 < whole
    placement.onload(lambda part: None)
    assert device.nbytes == whole
    np.testing.assert_array_equal(pictured(model, model.open()), before)


def test_what_a_picture_takes_is_measured(model: SuspendedModel) -> None:
    assert model.call_bytes() == 0
    model._fitting.free = lambda needed: 1 << 40
    finished(model, prepared(model, 2, {"sketch": PICTURE}))
    assert model.call_bytes() > 0
    assert {doing for doing, _ in model._fitting._taken} == {"prepare", "step", "last step"}


def test_a_step_without_memory_is_told_as_that_however_often_it_is_tried(
    model: SuspendedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine tries again once others have made room; this call was unwound by then."""

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError

    job = prepared(model, 3, {"sketch": PICTURE})
    monkeypatch.setattr(model._family.pipe.unet, "forward", full)
    model.step([job])  # which stood before the network
    for _ in range(2):
        with pytest.raises(OutOfMemory) as caught:
            model.step([job])
        assert caught.value.fix


def test_eight_bits_are_refused(model: SuspendedModel) -> None:
    with pytest.raises(ConfigError, match="quantise") as caught:
        check("mine", model.honours, Plan(quantise="int8"), ["quantise"])
    assert caught.value.fix
    assert "not quantised" in model.info.notes[0]

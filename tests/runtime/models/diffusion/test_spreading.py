"""Two ranks make what one process makes; a rank that ends ends the model, and nothing hangs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs
from tests.runtime.compute.adapters.nets import save as save_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, prepared
from torch import Tensor

import livedraft as ld
from livedraft.errors import ConfigError, ModelFailed, WeightsError
from livedraft.runtime.compute.parallel import Ranks
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.adapters import read_adapter
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.plan import Parallel, changed
from livedraft.runtime.running import Thread

CLOSE, FAR = 1e-6, 1e-4  # of the largest number
# Guided rows, rows as lists, tokens of text and picture by heads, with pictures to refer to.
CASES = {
    "sd-1.5": Parallel(cfg=2),
    "flux2-klein": Parallel(ulysses=2),
}
PROMPTS = ("a red fox", "two blue birds over the harbour at night")


def kind_of(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give folders of tiny weights."""
    folder = tmp_path_factory.mktemp("weights")
    for name in (*CASES, "sd-turbo", "z-image-turbo", "qwen-image", "sd-1.5-scribble"):
        save(tiny(kind_of(name)._kind()), folder / name)
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture(scope="module")
def spread(weights: dict[str, Path]) -> Iterator[dict[str, DiffusionModel]]:
    """Give models whose denoisers two ranks have."""
    found = {
        name: kind_of(name).load(str(weights[name]), Plan(parallel=parallel, threads=1))
        for name, parallel in CASES.items()
    }
    yield found
    for model in found.values():
        network = ranks(model)
        network.close()
        assert all(process.poll() is not None for process in network.processes)
        with pytest.raises(ModelFailed, match="were ended"):
            network(sample=torch.zeros(1, 4, 8, 8))


def ranks(model: DiffusionModel) -> Ranks:
    network = model._family.denoiser.network
    assert isinstance(network, Ranks)
    return network


def processes() -> set[int]:
    """Return the ranks that this process has started and that are not yet ended."""
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, parent = status.read_text().rpartition(")")[2].split()[:2]
            line = (status.parent / "cmdline").read_bytes()
            if int(parent) == os.getpid() and state != "Z" and b"parallel.rank" in line:
                found.add(int(status.parent.name))
    return found


def made(model: DiffusionModel, name: str, **params: Any) -> Tensor:
    """Return latents of two sessions, the second of which joined a step later."""
    told: dict[str, Any] = {"guidance": 5.0} if name == "sd-1.5" else {}
    one, two = (
        prepared(model, picture, 3, prompt=prompt, seed=seed, **told | params)
        for seed, (prompt, picture) in enumerate(zip(PROMPTS, (PICTURE, OTHER), strict=True))
    )
    model.step([one])
    for _ in range(2):
        if one.key == two.key:
            model.step([one, two])
        else:
            model.step([one])
            model.step([two])
    return torch.cat([one.way.latents, two.way.latents])


def off(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


@pytest.mark.parametrize("name", CASES)
def test_two_ranks_make_what_one_makes(name: str, spread: dict[str, DiffusionModel]) -> None:
    alone = made(kind_of(name).tiny(), name)
    assert off(made(spread[name], name), alone) < CLOSE
    other: dict[str, Any] = {"guidance": 4.0} if name == "sd-1.5" else {}
    seen = prepared(spread[name], OTHER, 1, prompt="a fox", seed=0, **other)
    spread[name].step([seen])
    control = prepared(kind_of(name).tiny(), PICTURE, 1, prompt=PROMPTS[0], seed=0)
    assert off(seen.way.latents, control.way.latents) > FAR, "a call without a step is seen"


@pytest.mark.parametrize("name", CASES)
def test_a_model_tells_of_its_ranks_and_holds_no_weights_twice(
    name: str, spread: dict[str, DiffusionModel]
) -> None:
    (note,) = spread[name].info.notes
    assert note == f"parallel = {CASES[name]}: its denoiser runs in 2 processes"
    parts = spread[name]._family.pipe.components
    part = parts.get("unet") or parts["transformer"]
    assert all(each.is_meta for each in part.parameters())


def test_loras_are_refused_in_words(spread: dict[str, DiffusionModel], tmp_path: Path) -> None:
    net = kind_of("sd-1.5").tiny()._family.pipe.unet
    file = save_lora(tmp_path / "a.safetensors", in_peft(pairs(net, 2, 0, ("to_q",)), "unet."))
    with pytest.raises(WeightsError, match=r"sd-1\.5 is loaded in several ranks"):
        read_adapter(spread["sd-1.5"], "a", file)


def test_what_a_rank_raises_is_told_and_the_next_call_is_made(
    spread: dict[str, DiffusionModel],
) -> None:
    model = spread["sd-1.5"]
    job = prepared(model, PICTURE, 3, prompt="a fox", guidance=5.0)
    right = job.way.calls
    job.way.calls = ({**right[0], "encoder_hidden_states": torch.zeros(2, 7, 5)},)
    with pytest.raises(ModelFailed, match="a rank of the model failed: RuntimeError"):
        model.step([job])
    job.way.calls = right
    model.step([job])
    assert job.step == 1


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("sd-turbo", Parallel(cfg=2), "'sd-turbo' makes no output without conditioning"),
        ("qwen-image", Parallel(cfg=2), "'qwen-image' makes no output without conditioning in"),
        ("sd-1.5", Parallel(ulysses=2), "no way to share the tokens of 'sd-1.5'"),
        ("sd-1.5", Parallel(cfg=3), "guidance has two outputs"),
        ("sd-1.5-scribble", Parallel(cfg=2), "is more than one network"),
        ("flux2-klein", Parallel(ring=2), "ring attention needs a GPU"),
        ("flux2-klein", Parallel(ulysses=64), "takes 64 ranks, and there are"),
    ],
)
def test_what_cannot_be_shared_is_refused(
    name: str, asked: Parallel, said: str, weights: dict[str, Path]
) -> None:
    with pytest.raises(ConfigError, match=said):
        kind_of(name).load(str(weights[name]), Plan(parallel=asked, threads=1))


@pytest.mark.parametrize(
    "text", ["cfg", "cfg=0", "cfg=two", "tensor=2", "cfg=2,cfg=2", "ulysses=65", ",", "2"]
)
def test_what_is_no_way_to_share_is_refused_before_a_server_starts(text: str) -> None:
    with pytest.raises(ConfigError, match=r"parallel = .* makes no sense") as refused:
        Config(parallel=text)
    assert refused.value.fix == "for example parallel=cfg=2+ulysses=2"
    with pytest.raises(ConfigError, match="makes no sense"):
        Config(models=("sd-1.5",), plans=(f"sd-1.5.parallel={text}",))


def test_ways_are_parted_by_commas_or_as_values_of_a_plan() -> None:
    for text in ("cfg=2,ulysses=4", "cfg = 2 + ulysses = 4"):
        assert changed(Plan(), "parallel", text).parallel == Parallel(cfg=2, ulysses=4)
    assert str(Parallel(cfg=2, ulysses=4)) == "cfg=2+ulysses=4"
    assert Parallel(2, 2, 2).ranks == 8


@pytest.mark.parametrize("more", [{"mode": "compiled"}, {"quantise": "int8"}])
def test_what_ranks_do_not_do_is_refused(more: dict[str, Any], weights: dict[str, Path]) -> None:
    with pytest.raises(ConfigError, match="and parallel = ulysses=2 at once"):
        kind_of("flux2-klein").load(
            str(weights["flux2-klein"]), Plan(parallel=Parallel(ulysses=2), threads=1, **more)
        )


def test_weights_that_ranks_cannot_read_leave_no_rank(weights: dict[str, Path]) -> None:
    model = kind_of("sd-1.5").load(str(weights["sd-1.5"]), Plan(threads=1))
    from livedraft.runtime.models.diffusion.spreading import spread as spreading

    with pytest.raises(WeightsError, match="cannot be loaded by its ranks"):
        spreading(
            model._family,
            "sd-1.5",
            weights["sd-1.5"] / "vae",
            "",
            Plan(parallel=Parallel(cfg=2), threads=1),
            guided=True,
        )
    assert not model._family.spread


def test_a_served_model_whose_rank_dies_fails_in_words_and_the_server_lives(
    weights: dict[str, Path],
) -> None:
    name = "flux2-klein"  # whose other rank waits for the one that dies
    config = Config(
        port=0,
        models=("echo", f"{name}={weights[name]}"),
        parallel=str(CASES[name]).replace("+", ","),
        threads=1,
    )
    others = processes()
    with Thread(config) as server, ld.Client(server.url) as client:
        with client.session(name, prompt="a fox", seed=3) as session:
            session.update(seed=4)
            assert session.next_frame() is not None
            started = sorted(processes() - others)
            assert len(started) == 2
            os.kill(started[-1], signal.SIGKILL)
            session.update(seed=5)
            with pytest.raises(ModelFailed, match="rank"):
                session.next_frame()
            session.update(seed=6)
            with pytest.raises(ModelFailed, match="rank"):
                session.next_frame()
        assert not processes() - others, "the one that was left is ended, too"
        with client.session("echo", prompt="here") as other:
            other.send(PICTURE)
            assert other.next_frame() is not None

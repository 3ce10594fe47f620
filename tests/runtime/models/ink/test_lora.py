"""LoRAs of `ink`: files are checked, mixes are exact, sessions swap them live."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydantic import ValidationError
from safetensors.numpy import save_file
from tests.runtime.models.attaching import add_lora
from tests.tables import load_models

from livedraft.client import AsyncClient
from livedraft.errors import InvalidParams, WeightsError
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.inference.lora import adaptable, merged, read
from livedraft.runtime.models.ink.tuning.nets.inputs import as_words
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.tuning.nets.networks import Networks
from livedraft.runtime.running import running

Tensors = dict[str, NDArray[np.float32]]
FILM = "colour.top1.film"


@pytest.fixture(scope="module")
def sketch() -> Pixels:
    image = Image.new("RGBA", (256, 256))
    ImageDraw.Draw(image).ellipse((50, 60, 200, 190), outline=(0, 0, 0, 255), width=4)
    return np.array(image)


def write(path: Path, ink: Ink, tensors: Tensors, **metadata: str) -> Path:
    about = {"model": "ink", "base": ink.source.stamp, "rank": "4", "alpha": "4", **metadata}
    save_file(tensors, path, about)
    return path


def noise(model: Ink, seed: int, scale: float = 0.05) -> Tensors:
    """Return changes of every matrix that may change."""
    rng = np.random.default_rng(seed)
    tensors: Tensors = {}
    for name in sorted(adaptable(model.source)):
        high, wide = model.source.weights[name].shape
        module, rank = name.removesuffix(".weight"), min(4, high, wide)
        a = scale * rng.standard_normal((rank, wide), np.float32)
        b = scale * rng.standard_normal((high, rank), np.float32)
        if "style" in module or "tint" in module:
            tensors[f"{module}.lora_embedding_A"] = np.ascontiguousarray(b.T)
            tensors[f"{module}.lora_embedding_B"] = np.ascontiguousarray(a.T)
        else:
            tensors[f"{module}.lora_A.weight"], tensors[f"{module}.lora_B.weight"] = a, b
    return tensors


def ask(sketch: Pixels, loras: Mapping[str, float], **params: object) -> Request[InkParams]:
    asked = InkParams.model_validate({"prompt": "a red bird", "loras": loras, **params})
    return Request(asked, {"sketch": sketch}, Stage.DRAFT, 1)


def paint(model: Ink, *requests: Request[InkParams]) -> list[Pixels]:
    """Paint requests of so many sessions in one batch."""
    jobs = model.prepare([(model.open(), request) for request in requests])
    model.step(jobs)
    return [still.pixels for (still,) in model.emit(jobs)]


@pytest.fixture
def two(fresh: Ink, tmp_path: Path) -> Ink:
    """Return a model with the LoRAs `one` and `other`."""
    for seed, name in enumerate(("one", "other")):
        file = write(tmp_path / f"{name}.safetensors", fresh, noise(fresh, seed))
        assert add_lora(fresh, name, file)
    return fresh


def test_merging_is_what_torch_computes(two: Ink, tmp_path: Path) -> None:
    lora = read(tmp_path / "one.safetensors")
    tensors = {key: torch.from_numpy(value) for key, value in noise(two, 0).items()}
    changed = merged(two.source.weights, [(lora, 0.5)])
    assert set(changed) == adaptable(two.source)
    for name in (FILM, "palette.out", "decoder.tint"):
        weight = torch.from_numpy(two.source.weights[f"{name}.weight"])
        if name == "decoder.tint":
            down, up = (tensors[f"{name}.lora_embedding_{x}"] for x in "AB")
            wanted = weight + 0.5 * (up @ down).T
        else:
            down, up = (tensors[f"{name}.lora_{x}.weight"] for x in "AB")
            wanted = weight + 0.5 * up @ down
        np.testing.assert_allclose(changed[f"{name}.weight"], wanted.numpy(), atol=1e-6)


@torch.no_grad()
def test_a_mix_paints_as_a_network_with_merged_weights(two: Ink, sketch: Pixels) -> None:
    mix = two._loras.mix({"one": 1.0, "other": 0.5})
    loras = [(two._loras._known[name], weight) for name, weight, _ in mix]
    nets = Networks(Widths())
    nets.read({**two.source.weights, **merged(two.source.weights, loras)})
    job = two.prepare([(two.open(), ask(sketch, {name: weight for name, weight, _ in mix}))])[0]
    two.step([job])
    films, tint = job.condition.run_all(
        ["films", "tint"],
        time=np.zeros(1, np.float32),
        palette=job.palette,
        pieces=job.text.pieces,
        mask=job.text.mask,
        mean=job.text.mean,
        style=np.array([0]),
    )
    told = as_words(job.text)
    wanted = nets.eval().colour.films(
        torch.zeros(1), torch.from_numpy(job.palette), told, torch.tensor([0])
    )
    np.testing.assert_allclose(films, wanted.numpy(), atol=1e-3)
    np.testing.assert_allclose(tint[0], nets.decoder.tint.weight[0].numpy(), atol=1e-4)


def test_alpha_counts_by_rank(fresh: Ink, tmp_path: Path) -> None:
    plain = read(write(tmp_path / "a.safetensors", fresh, noise(fresh, 0)))
    twice = read(write(tmp_path / "b.safetensors", fresh, noise(fresh, 0), alpha="8"))
    for name, (left, right) in plain.changes.items():
        np.testing.assert_allclose(
            twice.changes[name][0] @ twice.changes[name][1], 2 * left @ right, atol=1e-6
        )


def test_a_mix_adds_up(two: Ink, tmp_path: Path) -> None:
    loras = [
        (read(tmp_path / f"{name}.safetensors"), w) for name, w in (("one", 1), ("other", 0.3))
    ]
    both = merged(two.source.weights, loras)
    for name, weight in two.source.weights.items():
        if name in both:
            steps = [merged(two.source.weights, [pair])[name] - weight for pair in loras]
            np.testing.assert_allclose(both[name], weight + sum(steps), atol=1e-5)


def test_weight_zero_is_the_model_itself(two: Ink, sketch: Pixels) -> None:
    plain, zero, one = paint(two, *(ask(sketch, x) for x in ({}, {"one": 0.0}, {"one": 1.0})))
    np.testing.assert_array_equal(plain, zero)
    assert (plain != one).any()


def test_sessions_with_different_loras_share_a_batch(two: Ink, sketch: Pixels) -> None:
    asked = [ask(sketch, x) for x in ({}, {"one": 1.0}, {"other": 0.5}, {"one": 1.0, "other": 0.5})]
    together, alone = paint(two, *asked), [paint(two, one)[0] for one in asked]
    for first, second in zip(together, alone, strict=True):
        assert np.abs(first.astype(int) - second).max() <= 1
    assert len({picture.tobytes() for picture in together}) == 4


def test_a_mix_is_built_once_and_the_oldest_forgotten(two: Ink) -> None:
    loras = two._loras
    first = loras.adapted(loras.mix({"one": 0.1}))
    assert loras.adapted(loras.mix({"one": 0.1, "other": 0.0})) is first
    for weight in range(1, 9):
        loras.adapted(loras.mix({"other": weight / 10}))
    assert loras.adapted(loras.mix({"one": 0.1})) is not first


def test_an_unknown_name_is_refused_with_the_closest(two: Ink, sketch: Pixels) -> None:
    with pytest.raises(InvalidParams, match="no LoRA 'oter'") as caught:
        two.prepare([(two.open(), ask(sketch, {"oter": 1.0}))])[0]
    assert caught.value.fix == "did you mean 'other'?"


@pytest.mark.parametrize("loras", [{"a": 1.6}, {"a": -0.1}, dict.fromkeys("abcde", 1.0), ["a"]])
def test_params_are_checked(loras: object) -> None:
    with pytest.raises(ValidationError):
        InkParams.model_validate({"loras": loras})


def test_added_loras_are_told(two: Ink, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", two, noise(two, 3), title="Ex", prompt="by ex")
    add_lora(two, "third", file)
    told = two.info.loras[-1]
    assert (told.name, told.title) == ("third", "Ex")
    assert "Say “by ex” in the prompt." in told.description
    assert two.info.id == Ink.info.id
    assert "third" not in {lora.name for lora in Ink.info.loras}


def test_a_lora_of_another_model_is_not_taken(fresh: Ink, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", fresh, noise(fresh, 0), model="echo")
    assert not add_lora(fresh, "x", file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base": "0" * 16}, "other weights"),
        ({"alpha": "much"}, "no number"),
        ({"rank": "0"}, "no number"),
        ({"rank": "9" * 400}, "no number"),
    ],
)
def test_what_a_file_says_is_checked(
    change: dict[str, str], message: str, fresh: Ink, tmp_path: Path
) -> None:
    file = write(tmp_path / "x.safetensors", fresh, noise(fresh, 0), **change)
    with pytest.raises(WeightsError, match=message) as caught:
        add_lora(fresh, "x", file)
    assert "livedraft lora train" in caught.value.fix


@pytest.mark.parametrize(
    ("key", "shape", "message"),
    [
        (f"{FILM}.lora_A.weight", (4, 7), "does not fit"),
        (f"{FILM}.lora_A.weight", (3, 256), "do not fit"),
        ("colour.top1.conv1.lora_A.weight", (4, 48), "do not fit"),
        ("colour.top1.film.alpha", (1, 1), "no part of a LoRA"),
        ("unet.film.lora_A.weight", (4, 4), "do not fit"),
    ],
)
def test_tensors_that_do_not_fit_are_refused(
    key: str, shape: tuple[int, int], message: str, fresh: Ink, tmp_path: Path
) -> None:
    tensors = noise(fresh, 0) | {key: np.ones(shape, np.float32)}
    file = write(tmp_path / "x.safetensors", fresh, tensors)
    with pytest.raises(WeightsError, match=message):
        add_lora(fresh, "x", file)


def test_a_matrix_that_no_lora_may_change_is_refused(fresh: Ink, tmp_path: Path) -> None:
    tensors = {
        "colour.keys.lora_A.weight": np.ones((2, 48), np.float32),
        "colour.keys.lora_B.weight": np.ones((16, 2), np.float32),
    }
    with pytest.raises(WeightsError, match="does not fit"):
        add_lora(fresh, "x", write(tmp_path / "x.safetensors", fresh, tensors))


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b'{"a": 1}' * 40])
def test_what_is_no_safetensors_is_refused(content: bytes, fresh: Ink, tmp_path: Path) -> None:
    (tmp_path / "x.safetensors").write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        add_lora(fresh, "x", tmp_path / "x.safetensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        add_lora(fresh, "x", tmp_path / "gone.safetensors")


def test_values_that_are_not_finite_are_refused(fresh: Ink, tmp_path: Path) -> None:
    tensors = noise(fresh, 0)
    tensors[f"{FILM}.lora_A.weight"][0, 0] = np.nan
    with pytest.raises(WeightsError, match="not finite"):
        add_lora(fresh, "x", write(tmp_path / "x.safetensors", fresh, tensors))


def test_shipped_loras_for_other_weights_are_left_out(fresh: Ink, tmp_path: Path) -> None:
    write(tmp_path / "fits.safetensors", fresh, noise(fresh, 0))
    write(tmp_path / "old.safetensors", fresh, noise(fresh, 0), base="0" * 16)
    fresh._loras.add_shipped(tmp_path)
    assert [info.name for info in fresh._loras.infos] == ["fits"]


def test_what_ships_fits_and_shows(model: Ink, sketch: Pixels) -> None:
    assert [lora.name for lora in model.info.loras] == [lora.name for lora in Ink.info.loras]
    assert len(model.info.loras) >= 2, "train them again: python -m training.ink.train.loras"
    asked = [ask(sketch, {}), *(ask(sketch, {lora.name: 1.0}) for lora in model.info.loras)]
    plain, *others = paint(model, *asked)
    for other in others:
        assert np.abs(other.astype(int) - plain)[plain[..., 3] > 200].mean() > 8


def test_a_server_loads_the_configured_ones(model: Ink, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", model, noise(model, 0))
    loaded = load_models(Config(models=("echo", "ink"), loras=(f"mine={file}",), threads=1))
    assert "mine" in {lora.name for lora in loaded["ink"].info.loras}
    with pytest.raises(WeightsError, match="none of the models echo"):
        load_models(Config(models=("echo",), loras=(f"mine={file}",)))


@pytest.mark.anyio
async def test_a_session_swaps_loras_live(model: Ink, sketch: Pixels, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", model, noise(model, 0, scale=0.1))
    config = Config(port=0, threads=1, loras=(f"mine={file}",), log_level="error")
    async with running(config) as url, AsyncClient(url) as client:
        (info,) = await client.models()
        assert info.loras[-1].name == "mine"
        async with client.session(accept=["image/png"], prompt="a bird") as session:
            pictures = []
            for loras in ({}, {"mine": 1.0}, {}):
                await session.send(Image.fromarray(sketch), loras=loras)
                frame = await session.next_frame()
                assert frame is not None
                pictures.append(np.asarray(frame.image))
    assert (pictures[0] != pictures[1]).any()
    np.testing.assert_array_equal(pictures[0], pictures[2])

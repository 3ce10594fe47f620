"""The verdict on a folder of weights: whole ones fit, and of all others it says what is wrong."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.runtime.models.diffusion.folders import ENTRY, NETWORKS, NUMBERS, save, write

from livedraft.errors import MissingExtraError, OutOfMemory, WeightsError
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.diffusion import room, weights
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.terms import UNCHECKED
from livedraft.runtime.models.diffusion.weights import Verdict, find, judge
from livedraft.runtime.plan import Parallel

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "weights")


def trouble(folder: Path) -> WeightsError:
    """Return the one thing that is wrong with a folder; loading it raises the same."""
    verdict = judge(ENTRY, str(folder))
    (found,) = verdict.troubles
    assert not verdict.fits
    with pytest.raises(WeightsError) as caught:
        find(ENTRY, str(folder))
    assert caught.value.message == found.message
    assert found.fix
    assert isinstance(found, WeightsError)
    return found


def test_a_whole_folder_fits_and_its_bytes_are_counted(folder: Path) -> None:
    verdict = judge(ENTRY, str(folder))
    files = [folder / name / f"{stem}.safetensors" for name, (_, _, stem) in NETWORKS.items()]
    assert (verdict.where, verdict.folder, verdict.troubles) == ("folder", folder, ())
    assert verdict.disk_bytes == sum(file.stat().st_size for file in files)
    assert verdict.memory_bytes == 3 * NUMBERS * 4
    assert find(ENTRY, str(folder)).folder == folder


def test_a_folder_in_ones_home_and_one_that_looks_like_a_hub_id(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder.parent))
    assert find(ENTRY, "~/weights").folder == folder
    monkeypatch.chdir(folder.parent.parent)
    assert find(ENTRY, f"{folder.parent.name}/weights").verdict.where == "folder"


def test_weights_in_several_files_are_those_of_the_index(folder: Path) -> None:
    (folder / UNET).unlink()
    first, second = (f"diffusion_pytorch_model-0000{n}-of-00002.safetensors" for n in (1, 2))
    save(folder / "unet" / first, "a", "b")
    save(folder / "unet" / second, "c")
    _write_index(folder, {"a": first, "b": first, "c": second})
    assert judge(ENTRY, str(folder)).memory_bytes == 4 * NUMBERS * 4
    _write_index(folder, {"a": first, "c": second, "gone": second})
    assert "lacks gone" in trouble(folder).message
    (folder / "unet" / second).unlink()
    assert f"{second} is missing" in trouble(folder).message


def test_a_denoiser_in_stages_takes_a_share_of_the_first_device(folder: Path) -> None:
    staged = Plan(parallel=Parallel(stages=3))
    assert judge(ENTRY, str(folder), staged).memory_bytes == (2 * NUMBERS + -(-NUMBERS // 3)) * 4
    judged = Plan(parallel=Parallel(stages=3), quantise="int8")
    assert judge(ENTRY, str(folder), judged).memory_bytes == 3 * NUMBERS * 4, "it is judged there"


def test_weights_in_another_variant_are_found_where_there_are_no_others(folder: Path) -> None:
    half = folder / "unet" / "diffusion_pytorch_model.fp16.safetensors"
    shutil.copy(folder / UNET, half)
    assert find(ENTRY, str(folder)).verdict.variant == ""
    (folder / UNET).unlink()
    assert find(ENTRY, str(folder)).verdict.variant == "fp16"
    half.rename(folder / "unet" / "diffusion_pytorch_model.fp16-00001-of-00001.safetensors")
    name = "diffusion_pytorch_model.safetensors.index.fp16.json"
    _write_index(
        folder, {"weight": "diffusion_pytorch_model.fp16-00001-of-00001.safetensors"}, name
    )
    assert find(ENTRY, str(folder)).verdict.variant == "fp16"


def _write_index(
    folder: Path, table: object, name: str = "diffusion_pytorch_model.safetensors.index.json"
) -> None:
    (folder / "unet" / name).write_text(json.dumps({"weight_map": table}))


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def _instead(path: Path) -> Path:
    path.unlink()
    return path


def _pickled(folder: Path) -> None:
    (folder / UNET).unlink()
    (folder / "unet" / "diffusion_pytorch_model.bin").write_bytes(pickle.dumps(Harmful()))


class Harmful:
    """Ends the test where it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return pytest.fail, ("a pickle was read",)


def _lfs(path: Path) -> None:
    path.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")


BREAKING: dict[str, tuple[Callable[[Path], object], str]] = {
    "no index": (lambda f: (f / "model_index.json").unlink(), "has no model_index.json"),
    "index is a folder": (
        lambda f: _instead(f / "model_index.json").mkdir(),
        "model_index.json is no file",
    ),
    "index is cut off": (lambda f: _truncate(f / "model_index.json"), "is no JSON"),
    "index is no object": (lambda f: (f / "model_index.json").write_text("[]"), "holds no object"),
    "index is nested": (
        lambda f: (f / "model_index.json").write_text("[" * 100_000),
        "is no JSON",
    ),
    "half a folder": (lambda f: shutil.rmtree(f / "vae"), "vae: No such file"),
    "no tokenizer": (lambda f: shutil.rmtree(f / "tokenizer"), "tokenizer: No such file"),
    "no vocabulary": (lambda f: (f / "tokenizer/vocab.json").unlink(), "has no tokenizer.json or"),
    "no config": (lambda f: (f / "vae/config.json").unlink(), "vae: has no config.json"),
    "no weights": (lambda f: (f / UNET).unlink(), "has no diffusion_pytorch_model.safetensors"),
    "weights are a folder": (lambda f: _instead(f / UNET).mkdir(), "is no file"),
    "weights are cut off": (lambda f: _truncate(f / UNET), "cut off or damaged"),
    "weights are empty": (lambda f: (f / UNET).write_bytes(b""), "cut off or damaged"),
    "weights are a link in a loop": (
        lambda f: _instead(f / UNET).symlink_to(f / UNET),
        "is missing",
    ),
    "weights are a pipe": (lambda f: os.mkfifo(_instead(f / UNET)), "is no file"),
    "weights are a pointer": (lambda f: _lfs(f / UNET), "git lfs pull"),
    "weights are a pickle": (_pickled, "only as a pickle"),
}


@pytest.mark.parametrize("name", BREAKING)
def test_a_folder_that_is_broken_is_told_from_a_whole_one(folder: Path, name: str) -> None:
    breaks, says = BREAKING[name]
    breaks(folder)
    found = trouble(folder)
    assert says in found.message
    assert f"hf download {ENTRY.hub}" in found.fix


def test_all_that_is_wrong_is_told_at_once(folder: Path) -> None:
    _truncate(folder / UNET)
    shutil.rmtree(folder / "vae")
    messages = [each.message for each in judge(ENTRY, str(folder)).troubles]
    assert len(messages) == 2
    assert any("unet" in each for each in messages)
    assert any("vae" in each for each in messages)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"_class_name": "FluxPipeline"}, "'FluxPipeline', and sd-turbo is a StableDiffusion"),
        ({"_class_name": 7}, "names no class"),
        ({"unet": [None, None]}, "has no unet"),
        ({"unet": ["my_code", "MyNet"]}, "whose code is not run"),
        ({"../unet": ["diffusers", "UNet2DConditionModel"]}, "no folder's name"),
    ],
)
def test_another_family_and_an_index_that_leads_elsewhere(
    tmp_path: Path, changes: dict[str, object], says: str
) -> None:
    found = trouble(write(tmp_path / "weights", **changes))
    assert says in found.message


@pytest.mark.parametrize(
    "table", [{}, [], {"a": "../secret"}, {"a": "/etc/passwd"}, {"a": ".."}, {"a": 3}]
)
def test_an_index_of_shards_leads_nowhere_else(folder: Path, table: object) -> None:
    (folder / UNET).unlink()
    _write_index(folder, table)
    assert "index of its weights" in trouble(folder).message


def test_a_checkpoint_in_one_file_and_a_modular_pipeline_are_told_what_to_become(
    tmp_path: Path,
) -> None:
    save(tmp_path / "flat.safetensors", "weight")
    assert "from_single_file" in trouble(tmp_path).fix
    (tmp_path / "modular_model_index.json").write_text("{}")
    assert "modular" in trouble(tmp_path).fix


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/folder", "nowhere", "a\0b", "x" * 300])
def test_a_folder_that_is_none(source: str) -> None:
    (found,) = judge(ENTRY, source).troubles
    assert isinstance(found, WeightsError)


def test_a_link_in_a_loop_ends(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert "symbolic links" in trouble(loop).message


def test_a_folder_that_may_not_be_read(folder: Path) -> None:
    folder.chmod(0)
    try:
        with nobody():
            assert "Permission denied" in trouble(folder).message
    finally:
        folder.chmod(0o700)


@contextmanager
def nobody() -> Iterator[None]:
    """Be no superuser, who may read everything."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_too_little_memory_is_said_before_anything_is_loaded(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "free_memory", lambda device: 3 * NUMBERS * 4 - 1)
    with pytest.raises(OutOfMemory, match="free"):
        find(ENTRY, str(folder))
    monkeypatch.setattr(weights, "free_memory", lambda device: 3 * NUMBERS * 4)
    assert find(ENTRY, str(folder)).verdict.free_bytes == 3 * NUMBERS * 4
    monkeypatch.setattr(weights, "free_memory", lambda device: None)
    assert find(ENTRY, str(folder)).verdict.free_bytes is None


def test_what_is_free_of_this_machine_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 0 < (room.free_memory("cpu") or 1)
    usages = {Path("/"): shutil.disk_usage("/")}
    monkeypatch.setattr(shutil, "disk_usage", usages.__getitem__)
    assert room.free_disk(Path("/no/such/folder")) == usages[Path("/")].free


def test_a_limit_of_a_container_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("700\n")
    (tmp_path / "memory.stat").write_text("anon 500\ninactive_file 100\n")
    assert room.free_memory("cpu") == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert (room.free_memory("cpu") or 10**9) > 400


def test_a_device_that_is_not_there_is_named(folder: Path) -> None:
    verdict: Verdict = judge(ENTRY, str(folder), Plan(device="cuda:77"))
    assert "cuda:77" in verdict.troubles[0].message


def test_an_extra_that_is_not_installed_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "find_spec", lambda name: None if name == "diffusers" else name)
    with pytest.raises(MissingExtraError) as caught:
        find(ENTRY, str(folder))
    assert "livedraft[diffusion]" in caught.value.fix


def test_what_is_said_of_licences_is_of_models_that_there_are() -> None:
    assert UNCHECKED <= CATALOGUE.keys()
    assert "Gemma" in CATALOGUE["sana-sprint"].licence.says

"""Weights are found where MuseTalk's authors publish them, and what is missing is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from livedraft.errors import WeightsError
from livedraft.runtime.models.head.musetalk import layout
from livedraft.runtime.models.head.musetalk.layout import PUBLISHED, find

FILES = (
    "musetalkV15/musetalk.json",
    "musetalkV15/unet.pth",
    "sd-vae/config.json",
    "whisper/config.json",
)


def _laid_out(folder: Path, files: tuple[str, ...] = FILES) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"{}")
    return folder


def test_a_folder_as_it_is_published(tmp_path: Path) -> None:
    found = find(str(_laid_out(tmp_path)))
    assert found.unet_config == tmp_path / "musetalkV15" / "musetalk.json"
    assert found.unet_weights == tmp_path / "musetalkV15" / "unet.pth"
    assert (found.vae, found.whisper) == (tmp_path / "sd-vae", tmp_path / "whisper")
    assert found.margin > 0


def test_the_first_version_sees_nothing_below_the_chin(tmp_path: Path) -> None:
    files = ("musetalk/musetalk.json", "musetalk/pytorch_model.bin", *FILES[2:])
    found = find(str(_laid_out(tmp_path, files)))
    assert found.unet_weights.name == "pytorch_model.bin"
    assert found.margin == 0


@pytest.mark.parametrize("missing", FILES)
def test_what_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    there = tuple(name for name in FILES if name != missing)
    with pytest.raises(WeightsError) as caught:
        find(str(_laid_out(tmp_path, there)))
    assert Path(missing).parent.name in str(caught.value)
    assert "musetalkV15/unet.pth" in caught.value.fix


@pytest.mark.parametrize("source", ["./nowhere", "/no/such/folder", "nowhere", "~/models"])
def test_a_folder_that_is_none_is_not_looked_for_on_the_hub(source: str) -> None:
    with pytest.raises(WeightsError, match="no folder"):
        find(source)


class FakeHub:
    """Has repositories as folders; records what it was asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.asked: list[str] = []

    def snapshot_download(self, repository: str, allow_patterns: list[str]) -> str:
        self.asked.append(repository)
        if repository == "someone/nothing":
            raise OSError("we are offline")
        return str(self._folder / repository.replace("/", "--"))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    hub = FakeHub(tmp_path)
    _laid_out(tmp_path / PUBLISHED.replace("/", "--"), FILES[:2])
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub.snapshot_download)
    return hub


def test_of_the_hub_the_companions_are_fetched_too(hub: FakeHub) -> None:
    found = find("")
    assert hub.asked == [PUBLISHED, *layout.COMPANIONS.values()]
    assert found.unet_weights.parent.name == "musetalkV15"
    assert found.whisper.name == "openai--whisper-tiny"


def test_a_hub_that_cannot_be_reached_says_what_to_do(hub: FakeHub) -> None:
    with pytest.raises(WeightsError, match="we are offline") as caught:
        find("someone/nothing")
    assert "name a folder" in caught.value.fix

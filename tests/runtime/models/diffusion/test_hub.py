"""Weights on the hub: nothing is asked that was not named; they are judged before they come."""

from __future__ import annotations

import json
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub.errors import LocalEntryNotFoundError, RepositoryNotFoundError
from tests.runtime.models.diffusion.folders import ENTRY, index, write

from livedraft.errors import WeightsError
from livedraft.runtime.models.diffusion import weights
from livedraft.runtime.models.diffusion.weights import at_hand, find, judge
from livedraft.runtime.plan import Part, Plan


@dataclass
class FakeHub:
    """Has one repository as a folder, a cache as another, and says what it was asked for."""

    published: Path
    cache: Path
    repository: str
    asked: list[str]
    offline: bool = False

    def snapshot_download(
        self,
        name: str,
        local_files_only: bool = False,
        allow_patterns: Any = None,
        tqdm_class: Any = None,
    ) -> str:
        if local_files_only:
            if not self.cache.is_dir() or name != self.repository:
                raise LocalEntryNotFoundError("not in the cache")
            return str(self.cache)
        self._ask("fetch", name)
        network, written, files = (tqdm_class(unit=unit) for unit in ("B", "B", "it"))
        for pattern in allow_patterns:
            for half in (self.published / pattern).stat().st_size // 2, None:
                size = (self.published / pattern).stat().st_size
                network.update(half if half is not None else size - size // 2)
            written.update(size)
            files.update(1)
            (self.cache / pattern).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(self.published / pattern, self.cache / pattern)
        return str(self.cache)

    def hf_hub_download(self, name: str, file: str) -> str:
        self._ask(file, name)
        return str(self.published / file)

    def model_info(self, name: str, **_: Any) -> Any:
        self._ask("list", name)
        files = [path for path in self.published.rglob("*") if path.is_file()]
        return SimpleNamespace(
            siblings=[
                SimpleNamespace(
                    rfilename=str(path.relative_to(self.published)), size=path.stat().st_size
                )
                for path in files
            ]
        )

    def _ask(self, what: str, name: str) -> None:
        self.asked.append(what)
        assert not self.offline
        if name != self.repository:
            raise RepositoryNotFoundError("404: no such repository", response=_response())


def _response() -> Any:
    import httpx

    return httpx.Response(404, request=httpx.Request("GET", "https://example.org"))


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    published = write(tmp_path / "published")
    for name in ("unet/diffusion_pytorch_model.bin", "v1.ckpt", "unet/model.onnx", "README.md"):
        (published / name).write_bytes(b"not to be fetched")
    shutil.copy(
        published / "unet/diffusion_pytorch_model.safetensors",
        published / "unet/diffusion_pytorch_model.fp16.safetensors",
    )
    fake = FakeHub(published, tmp_path / "cache", ENTRY.hub, [])
    for name in ("snapshot_download", "hf_hub_download"):
        monkeypatch.setattr(huggingface_hub, name, getattr(fake, name))
    monkeypatch.setattr(
        huggingface_hub.HfApi, "model_info", lambda _, *a, **k: fake.model_info(*a, **k)
    )
    monkeypatch.setattr(huggingface_hub, "is_offline_mode", lambda: fake.offline)
    return fake


def test_without_a_source_the_cache_is_looked_into_and_nobody_is_asked(hub: FakeHub) -> None:
    with pytest.raises(WeightsError, match="at hand") as caught:
        find(ENTRY)
    assert f"{ENTRY.id}={ENTRY.hub}" in caught.value.fix
    assert not at_hand(ENTRY)
    shutil.copytree(hub.published, hub.cache)
    assert find(ENTRY).folder == hub.cache
    assert at_hand(ENTRY)
    assert hub.asked == []


def test_a_hub_id_is_judged_then_fetched_and_no_more_than_is_needed(hub: FakeHub) -> None:
    verdict = judge(ENTRY, ENTRY.hub)
    assert (verdict.where, verdict.folder, verdict.troubles) == ("hub", None, ())
    assert hub.asked == ["list", "model_index.json"]
    assert not hub.cache.exists()
    told: list[Part] = []
    found = find(ENTRY, ENTRY.hub, Plan(report=told.append))
    counts = [part.done for part in told]
    assert (counts[0], counts[-1]) == (0, verdict.fetch_bytes)
    assert counts == sorted(counts)
    assert {part[:1] + part[2:4] for part in told} == {("fetching", verdict.fetch_bytes, "bytes")}
    fetched = {path for path in hub.cache.rglob("*") if path.is_file()}
    assert found.folder == hub.cache
    assert found.verdict.disk_bytes == verdict.disk_bytes
    assert sum(path.stat().st_size for path in fetched) == verdict.fetch_bytes
    assert {path.suffix for path in fetched} == {".json", ".safetensors"}
    assert not any("fp16" in path.name for path in fetched)
    hub.asked.clear()
    assert find(ENTRY, ENTRY.hub).verdict.where == "cache"
    assert hub.asked == []


def test_what_was_broken_off_is_fetched_to_its_end_and_offline_it_is_told(hub: FakeHub) -> None:
    shutil.copytree(hub.published, hub.cache)
    shutil.rmtree(hub.cache / "vae")
    hub.offline = True
    with pytest.raises(WeightsError, match="vae"):
        find(ENTRY, ENTRY.hub)
    hub.offline = False
    assert find(ENTRY, ENTRY.hub).folder == hub.cache


def test_offline_nobody_is_asked(hub: FakeHub) -> None:
    hub.offline = True
    with pytest.raises(WeightsError, match="HF_HUB_OFFLINE") as caught:
        find(ENTRY, ENTRY.hub)
    assert "FOLDER" in caught.value.fix
    assert hub.asked == []


def test_another_family_is_refused_before_it_is_fetched(hub: FakeHub) -> None:
    (hub.published / "model_index.json").write_text(json.dumps(index(_class_name="FluxPipeline")))
    with pytest.raises(WeightsError, match="FluxPipeline"):
        find(ENTRY, ENTRY.hub)
    assert "fetch" not in hub.asked


def test_pickles_alone_are_refused_before_they_are_fetched(hub: FakeHub) -> None:
    for path in (hub.published / "unet").glob("*.safetensors"):
        path.unlink()
    with pytest.raises(WeightsError, match="only as a pickle"):
        find(ENTRY, ENTRY.hub)
    assert "fetch" not in hub.asked


def test_a_full_disk_is_told_before_anything_is_fetched(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "free_disk", lambda folder: 10)
    with pytest.raises(WeightsError, match="has room for") as caught:
        find(ENTRY, ENTRY.hub)
    assert "HF_HUB_CACHE" in caught.value.fix
    assert "fetch" not in hub.asked


def test_a_repository_that_is_none(hub: FakeHub) -> None:
    with pytest.raises(WeightsError, match="no such repository") as caught:
        find(ENTRY, "nobody/nothing")
    assert "name a folder" in caught.value.fix


def test_a_hub_that_cannot_be_reached_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the very client, whichever library of connections its version has."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
    monkeypatch.setattr(huggingface_hub.constants, "ENDPOINT", address)  # nobody listens there
    (trouble,) = judge(ENTRY, "owner/name").troubles
    assert isinstance(trouble, WeightsError)
    assert "owner/name cannot be fetched" in trouble.message
    assert "connection" in trouble.fix

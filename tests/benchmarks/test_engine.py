"""The engine's benchmark makes the library's pictures and sees wrong ones; networks are tiny."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from benchmarks.engine import __main__ as script
from benchmarks.engine import text_kv
from benchmarks.engine.case import CASES, LAST, ordered
from benchmarks.engine.networks import Place
from benchmarks.engine.stable import SDTurbo
from benchmarks.engine.wan import Wan

from livedraft.runtime.compute.text_kv import TextKV, readers

# diffusers' and torch's own, of arguments that they rename
pytestmark = pytest.mark.filterwarnings("ignore")

ROOT = Path(__file__).parents[2]
ONE_OF_EACH = ("sd-turbo", "klein-512", "sdxl-lightning", "sessions", "wan-480p")


def go(folder: Path, monkeypatch: pytest.MonkeyPatch, *options: str) -> tuple[int, dict[str, Any]]:
    fixed = ["--device", "cpu", "--tiny", "--no-compile", "--out", str(folder)]
    monkeypatch.setattr(sys, "argv", ["engine", *fixed, *options])
    status = script.main()
    return status, json.loads((folder / "engine.json").read_text("utf-8"))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Tiny networks gain nothing from more, and wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_pictures_are_those_of_the_library_and_wrong_ones_are_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    status, found = go(tmp_path, monkeypatch, *ONE_OF_EACH)
    assert status == script.RIGHT
    assert found["library"]["name"] == "diffusers"
    assert found["command"].startswith("python -m benchmarks.engine")
    assert found["goals"] == [], "tiny networks have none"
    assert [row["case"] for row in found["rows"]] == list(ONE_OF_EACH)
    for row in found["rows"]:
        assert row["right"]
        assert row["error"] < 1e-5 < 2e-3 < min(row["controls"].values())
        assert min(row[name] for name in ("flops", "library_ms", "ours_ms", "ours_share")) > 0
        assert {choice["way"] for made in row["choices"].values() for choice in made} == {"eager"}
    rows = {row["case"]: row for row in found["rows"]}
    assert rows["wan-480p"]["first_ms"] > 0
    assert rows["sessions"]["together_p95_ms"] >= rows["sessions"]["together_p50_ms"] > 0

    def never(*_: object) -> None:
        raise AssertionError("it was measured before")

    monkeypatch.setattr(SDTurbo, "library", never)
    assert go(tmp_path, monkeypatch, "sd-turbo")[1]["rows"][0]["right"]


def test_a_wrong_picture_is_no_figure_and_a_case_that_fails_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SDTurbo.ours
    monkeypatch.setattr(SDTurbo, "ours", lambda self, seed=7, late=1.0: real(self, seed, late / 2))

    def breaks(self: Wan) -> None:
        raise RuntimeError("cannot be launched")

    monkeypatch.setattr(Wan, "library", breaks)
    status, found = go(tmp_path, monkeypatch, "sd-turbo", "wan-480p")
    assert status == script.WRONG
    assert [fault.partition(":")[0] for fault in found["faults"]] == [
        "sd-turbo",
        "wan-480p",
        "wan-480p",
    ]
    assert found["rows"][1]["failed"]["library"] == "RuntimeError: cannot be launched"


def test_what_tells_most_comes_first_and_compiling_after_it() -> None:
    works = ordered(list(CASES))
    first = [work.case.name for work in works if work.kind == "library"]
    assert first == list(CASES)
    compiling = [at for at, work in enumerate(works) if work.kind == "compiled"]
    last = [at for at, work in enumerate(works) if work.case.name == LAST and at not in compiling]
    assert max(compiling) < min(last)


def test_it_needs_no_more_than_a_bare_machine_with_torch_has() -> None:
    code = (
        "import sys, types; sys.modules['diffusers'] = types.ModuleType('diffusers'); "
        "import benchmarks.engine.__main__; "
        "print(*{'pydantic', 'msgpack', 'onnxruntime', 'starlette', 'websockets', 'av', 'cv2'}"
        " & set(sys.modules))"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert made.stdout.strip() == ""


@pytest.mark.parametrize("kind", text_kv.KINDS)
def test_what_is_spared_of_a_prompt_is_its_products_and_no_more(kind: str) -> None:
    network = Place(torch.device("meta"), tiny=True).network(kind, text_kv.HALF)
    tokens, _ = text_kv.KINDS[kind]
    reading = readers(network).values()
    wanted = sum(
        2 * tokens * each.weight.numel() for layer in reading for each in (layer.to_k, layer.to_v)
    )
    before = getattr(network, "caption_projection", None)
    for each in before.modules() if before is not None else ():
        if isinstance(each, torch.nn.Linear):  # a token stands in the prompt's place
            wanted += 2 * (tokens - 1) * each.weight.numel()
    found = text_kv.counted(kind, 64, TextKV(network))
    assert found.spared == wanted > 0
    assert found.whole > found.spared
    assert found.kept_bytes == 2 * tokens * sum(2 * layer.inner_kv_dim for layer in reading)

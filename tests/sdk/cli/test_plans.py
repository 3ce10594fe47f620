"""``livedraft plans``: what is kept is listed, sent, taken in and forgotten."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner, Result

from livedraft.cli import main
from livedraft.runtime.cache_folder import cache_folder
from livedraft.runtime.compute.execution import Choice, PlanStore

CPU = torch.device("cpu")
BUCKET = ("dict", (("sample", ("tensor", (1, 4, 64, 64), torch.float32, CPU)),))
TURBO = "sd-turbo (UNet, 72 numbers)"


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PlanStore:
    """Give the store of the settings' folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LIVEDRAFT_CACHE", str(tmp_path / "kept"))
    return PlanStore(tmp_path / "kept" / "plans")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["plans", *arguments])


def test_they_are_listed_by_model_with_what_was_measured(store: PlanStore) -> None:
    assert "no plans in" in run().output
    store.put(TURBO, BUCKET, CPU, Choice("graph", {"eager": 90.0, "graph": 30.0}, {"fused": "bad"}))
    shown = run().output
    assert shown.startswith(TURBO)
    assert "1×4×64×64: graph, 3.0× eager  (cpu, torch" in shown
    assert "not fused: bad" in shown
    (row,) = json.loads(run("list", "--json").output)
    assert (row["name"], row["way"], row["here"]) == (TURBO, "graph", True)


def test_those_of_other_versions_are_told_apart(
    store: PlanStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(torch, "__version__", "9.9")
        store.put(TURBO, BUCKET, CPU, Choice("eager", {"eager": 90.0}, {}))
    assert "torch 9.9" in run().output
    assert "not used here" in run().output


def test_they_travel_in_a_file(
    store: PlanStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.put(TURBO, BUCKET, CPU, Choice("eager", {"eager": 90.0}, {}))
    assert "sent.json holds 1 plan" in run("export", "sent.json").output
    monkeypatch.setenv("LIVEDRAFT_CACHE", str(tmp_path / "there"))
    assert "1 of them hold on this machine" in run("import", "sent.json").output
    assert run().output.startswith(TURBO)


def test_those_of_a_model_are_forgotten(store: PlanStore) -> None:
    for name in (TURBO, "lcm (UNet, 72 numbers)"):
        store.put(name, BUCKET, CPU, Choice("eager", {"eager": 90.0}, {}))
    assert "1 plan of" in run("clear", "sd-turbo").output
    refused = run("clear", "sd-turbo")
    assert refused.exit_code == 1
    assert "there are some of lcm" in refused.output
    assert "1 plan of" in run("clear").output
    assert "no plans in" in run().output


def test_what_is_no_export_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "sent.json").write_text("{")
    refused = run("import", "sent.json")
    assert refused.exit_code == 1
    assert "export it anew where they were made" in refused.output
    assert run("export", "nowhere/sent.json").exit_code == 1


def test_where_nothing_is_kept_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIVEDRAFT_CACHE", "none")
    refused = run()
    assert refused.exit_code == 1
    assert "name a folder in LIVEDRAFT_CACHE" in refused.output


@pytest.mark.parametrize(
    ("platform", "env", "folder"),
    [
        ("linux", {}, ".cache/livedraft"),
        ("linux", {"XDG_CACHE_HOME": "relative"}, ".cache/livedraft"),
        ("linux", {"XDG_CACHE_HOME": "/elsewhere"}, "/elsewhere/livedraft"),
        ("darwin", {}, "Library/Caches/livedraft"),
        ("win32", {"LOCALAPPDATA": "/data"}, "/data/livedraft/Cache"),
    ],
)
def test_the_folder_is_that_of_the_platform(
    platform: str, env: dict[str, str], folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder("", env) == Path.home() / folder
    assert cache_folder("~/mine", env) == Path.home() / "mine"
    assert cache_folder("none", env) is None

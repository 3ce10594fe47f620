"""``livedraft models``: the list, and the verdict on weights before they are loaded."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.runtime.models.diffusion.folders import write

from livedraft.cli import main
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
from livedraft.runtime.models.diffusion.unet_models import SD15


@pytest.fixture(autouse=True)
def _empty_desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["models", *arguments])


def test_the_list_tells_of_every_model() -> None:
    shown = run()
    assert shown.exit_code == 0
    for name in MODELS.targets():
        assert any(line.partition(" ")[0] == name for line in shown.output.splitlines())
    assert "ink  (default)" in shown.output
    sentence = CATALOGUE["sd-turbo"].description
    assert sentence in shown.output
    assert sentence in run("sd-turbo").output
    rows = {row["id"]: row for row in json.loads(run("--json").output)}
    assert rows.keys() == MODELS.targets().keys()
    assert rows["ink"]["default"]
    assert all(row["description"] for row in rows.values())
    assert (rows["ink"]["draft_steps"], rows["ink"]["commercial"]) == (1, "yes")
    assert all(rows[name]["memory_bytes"] for name in CATALOGUE.keys() & rows.keys())


def test_the_list_and_a_verdict_cost_no_torch() -> None:
    code = (
        "import sys; from livedraft.cli import main\n"
        "for each in (['models'], ['models', 'check', 'sd-turbo']):\n"
        "    try: main(each)\n"
        "    except SystemExit: pass\n"
        "sys.exit(sorted({'torch', 'diffusers', 'transformers'} & {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_a_folder_that_fits_ends_with_0_and_says_how_much_it_takes(tmp_path: Path) -> None:
    folder = write(tmp_path / "weights")
    shown = run("check", f"sd-turbo={folder}")
    assert shown.exit_code == 0
    assert "it can be served" in shown.output
    assert CATALOGUE["sd-turbo"].licence.says in shown.output
    told = json.loads(run("check", f"sd-turbo={folder}", "--json").output)
    assert (told["fits"], told["where"], told["folder"]) == (True, "folder", str(folder))
    assert told["memory_bytes"] > 0


def test_one_that_does_not_ends_with_1_and_says_what_to_do(tmp_path: Path) -> None:
    folder = write(tmp_path / "weights", _class_name="FluxPipeline")
    shown = run("check", f"sd-turbo={folder}")
    assert shown.exit_code == 1
    assert "FluxPipeline" in shown.output
    assert "Fix: " in shown.output
    told = json.loads(run("check", f"sd-turbo={folder}", "--json").output)
    assert (told["fits"], told["troubles"][0]["code"]) == (False, "weights")
    assert told["troubles"][0]["fix"]


def test_what_the_settings_say_holds(tmp_path: Path) -> None:
    folder = write(tmp_path / "weights")
    Path("livedraft.toml").write_text(f'[models.sd-turbo]\nsource = "{folder}"\n')
    assert run("check", "sd-turbo").exit_code == 0
    assert run("check", "sd-turbo=./nowhere").exit_code == 1
    shown = run("check", "sd-turbo", "--device", "cuda:77")
    assert "cuda:77" in shown.output


@pytest.mark.parametrize(("name", "says"), [("ink", "itself"), ("sd-turbro", "no 'sd-turbro'")])
def test_names_that_have_no_verdict(name: str, says: str) -> None:
    shown = run("check", name)
    assert shown.exit_code == 1
    assert says in shown.stderr
    assert "Fix: " in shown.stderr


def test_a_tiny_model_is_written_and_fits_and_nothing_is_written_over(tmp_path: Path) -> None:
    shown = run("tiny", "sd-turbo", "tiny")
    assert shown.exit_code == 0
    assert "livedraft serve --models sd-turbo=tiny" in shown.output
    assert run("check", "sd-turbo=./tiny").exit_code == 0
    again = run("tiny", "sd-turbo", "tiny")
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    (tmp_path / "file").write_text("mine")
    assert run("tiny", "sd-turbo", "file").exit_code == 1
    assert (tmp_path / "file").read_text() == "mine"
    assert "ConfigError" not in run("tiny", "sd-turbo", "file/below").stderr


def test_a_model_of_another_kind_is_not_written() -> None:
    shown = run("tiny", "ink", "tiny")
    assert shown.exit_code == 1
    assert "sd-turbo" in shown.stderr


def test_what_a_model_loses_by_its_quality_is_measured(tmp_path: Path) -> None:
    SD15.tiny().save(tmp_path / "slow")
    told = json.loads(run("quality", "sd-1.5=slow", "--steps", "8", "--json").stdout)
    assert [each["quality"] for each in told["qualities"]] == ["lossless", "high", "fast"]
    whole = told["qualities"][0]
    assert (whole["steps"], whole["spared"], whole["decibels"]) == (16, 0, None)
    for steps in ("4", "0"):
        few = run("quality", "sd-1.5=slow", "--steps", steps)
        assert few.exit_code == 1
        assert "8 to 50 steps" in few.stderr
    nowhere = run("quality", "sd-1.5=nowhere")
    assert nowhere.exit_code == 1
    assert "Fix" in nowhere.stderr

"""``diffusers:FOLDER``: what a folder is, judged and told before it is loaded; what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import diffusers
import numpy as np
import pytest
from click.testing import CliRunner
from tests.runtime.models.diffusion.test_suspended_jobs import folder

from livedraft.cli import main
from livedraft.errors import BadInput, ConfigError, LivedraftError, WeightsError
from livedraft.protocol.messages import Stage
from livedraft.runtime.models import MODELS, load_model
from livedraft.runtime.models.base import DEFAULT_PLAN, Request

__all__ = ["folder"]

_PIPELINES: Any = diffusers


def test_it_says_what_it_is(folder: Path) -> None:
    model = MODELS.load(f"diffusers:{folder}")
    assert (model.info.id, model.info.licence, model.info.commercial) == ("mine", "mit", "yes")
    assert "share no call" in model.info.notes[0]
    assert [each.name for each in model.info.inputs] == ["sketch"]
    names = {
        "prompt",
        "negative_prompt",
        "seed",
        "steps",
        "guidance",
        "strength",
        "loras",
        "width",
        "height",
    }
    assert model.params.model_fields.keys() == names
    assert (model.info.width, model.info.height) == (64, 64)
    said = CliRunner().invoke(main, ["models", f"diffusers:{folder}"]).output
    assert "--negative-prompt" in said


@pytest.mark.parametrize(
    ("card", "name", "commercial"),
    [
        ("", "unknown", "no"),
        ("no head\n", "unknown", "no"),
        ("---\nlicense: openrail++\n---\n", "openrail++", "yes"),
        ("---\nlicense: other\nlicense_name: flux-1-dev\n---\n", "flux-1-dev", "no"),
        ("---\ntags: [a]\nlicense: cc-by-nc-4.0\n---\n", "cc-by-nc-4.0", "no"),
        ("---\nlicense: " + "x" * 5000, "unknown", "no"),
    ],
)
def test_its_licence_is_as_its_card_says(
    folder: Path, tmp_path: Path, card: str, name: str, commercial: str
) -> None:
    own = tmp_path / "mine"
    own.mkdir()
    for each in folder.iterdir():
        if each.name != "README.md":
            (own / each.name).symlink_to(each)
    if card:
        (own / "README.md").write_text(card)
    model = MODELS.load(f"diffusers:{own}")
    assert (model.info.licence, model.info.commercial) == (name, commercial)
    if commercial == "no":
        with pytest.raises(ConfigError, match=r"of a licence|is known here"):
            load_model(model, "", DEFAULT_PLAN)
        assert load_model(model, "", DEFAULT_PLAN, ("mine",)).info.id == "mine"


def judged(where: str) -> dict[str, Any]:
    result = CliRunner().invoke(main, ["models", "check", where, "--json"])
    found: dict[str, Any] = json.loads(result.output)
    return found


def test_its_folder_is_judged_before_it_is_loaded(folder: Path, tmp_path: Path) -> None:
    assert judged(f"diffusers:{folder}")["fits"] is True
    own = tmp_path / "mine"
    own.mkdir()
    for each in folder.iterdir():
        (own / each.name).symlink_to(each)
    (own / "vae").unlink()
    found = judged(f"diffusers:{own}")
    assert found["fits"] is False
    assert "vae" in found["troubles"][0]["message"]
    with pytest.raises(WeightsError, match="vae"):
        MODELS.load(f"diffusers:{own}").load()


@pytest.mark.parametrize(
    ("index", "words"),
    [
        (None, "has no model_index.json"),
        ({"_class_name": "NoSuchPipeline"}, "'NoSuchPipeline', which diffusers"),
        ({"_class_name": "AutoencoderKL"}, "'AutoencoderKL', which diffusers"),
        ({"_class_name": "os.system"}, "'os.system', which diffusers"),
        ({"_class_name": "DDPMPipeline"}, "takes no prompt"),
        ({"_class_name": "DiTPipeline"}, "wants class_labels"),
        ({"_class_name": "StableAudioPipeline"}, "makes sound"),
        ({"_class_name": "VideoToVideoSDPipeline"}, "wants video|says not how long|no "),
    ],
)
def test_what_cannot_be_served_so_is_refused(
    tmp_path: Path, index: dict[str, str] | None, words: str
) -> None:
    if index is not None:
        (tmp_path / "model_index.json").write_text(json.dumps(index))
    with pytest.raises(WeightsError, match=words):
        MODELS.load(f"diffusers:{tmp_path}")


@pytest.mark.parametrize("where", ["", "nowhere", "no/such", "../no", "a/b/c"])
def test_where_nothing_lies_nothing_is_fetched(where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(LivedraftError, match="there is no folder"):
        MODELS.load(f"diffusers:{where}")


def test_a_source_beside_its_folder_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="beside it"):
        MODELS.load(f"diffusers:{folder}").load("elsewhere")


def test_a_mask_alone_is_refused(tmp_path: Path, folder: Path) -> None:
    pipe = _PIPELINES.StableDiffusionPipeline.from_pretrained(folder, safety_checker=None)
    own = _PIPELINES.StableDiffusionInpaintPipeline(
        **pipe.components, requires_safety_checker=False
    )
    own.save_pretrained(tmp_path)
    model = MODELS.load(f"diffusers:{tmp_path}").load()
    hole = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(BadInput, match="no sketch"):
        model.prepare([(model.open(), Request(model.params(), {"mask": hole}, Stage.FINAL, 2))])

"""What diffusers and transformers log: nothing of what a user wrote, and the rest as ever."""

from __future__ import annotations

import io
import logging

import pytest
from tests.runtime.models.diffusion.asking import prepared

from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.model import DiffusionModel

_OWN = logging.StreamHandler  # pytest has some of its own there


@pytest.mark.parametrize("name", ["sd-turbo", "sdxl", "flux-schnell", "pixart"])
def test_no_log_quotes_a_prompt_that_is_cut(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = io.StringIO()
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    model = kind.tiny()
    for library in ("diffusers", "transformers"):
        (own,) = (each for each in logging.getLogger(library).handlers if type(each) is _OWN)
        monkeypatch.setattr(own, "stream", heard)
    job = prepared(model, None, 1, prompt="a fox " * 300 + "secret")
    assert any("fox" in str(note) for note in job.notes)  # its user is told
    logging.getLogger("diffusers.pipelines").warning("this is heard")
    assert heard.getvalue().strip() == "this is heard"

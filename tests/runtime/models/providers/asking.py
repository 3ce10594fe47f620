"""A provider's model before its double, and requests to it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.fal_double import KEY, FalDouble, fal_double

from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import step
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import AnyModel, Pixels, Request

NAME = "provider:fal/fal-ai/flux/dev"


@pytest.fixture
def fal(monkeypatch: pytest.MonkeyPatch) -> Iterator[FalDouble]:
    """A double that answers with a teal picture, and a key in the environment."""
    monkeypatch.setenv("FAL_KEY", KEY)
    with fal_double() as double:
        double.offer("made.png", "image/png", png())
        yield double


def card_of(fal: FalDouble, folder: Path, *lines: str) -> str:
    """Write a card of the double and return its path."""
    path = folder / "card.toml"
    path.write_text("\n".join([f'queue = "{fal.url}"', *lines]))
    return str(path)


def model_of(fal: FalDouble, folder: Path, *lines: str, name: str = NAME) -> AnyModel:
    """Return the model that a card describes."""
    return MODELS.load(name).load(card_of(fal, folder, *lines))


def png(colour: str = "teal", size: tuple[int, int] = (64, 48), kind: str = "PNG") -> bytes:
    """Return a picture's bytes."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return out.getvalue()


def asked(
    model: AnyModel,
    pictures: dict[str, Pixels] | None = None,
    *,
    stage: Stage = Stage.FINAL,
    at: int = 5_000_000,
    **params: Any,
) -> Request[Any]:
    """Return a request."""
    return Request(model.params(**params), pictures or {}, stage, 1, at=at)


def drawn() -> Pixels:
    """Return a small picture."""
    return np.full((8, 8, 3), 200, np.uint8)


def made(model: AnyModel, request: Request[Any]) -> tuple[list[Any], Any]:
    """Return all that comes of a request, and its job."""
    (job,) = model.prepare([(None, request)])
    outputs: list[Any] = []
    while not job.done:
        step(model, job)
        outputs += model.emit([job])[0]
    return outputs, job

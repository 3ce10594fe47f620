"""Residual guidance of a stream: fewer rows a step, each kind its own way, all in one call."""

from __future__ import annotations

from itertools import count
from typing import Any

import diffusers
import numpy as np
import pytest
from tests.runtime.models.diffusion.asking import PICTURE
from tests.runtime.models.diffusion.filming import (
    counted,
    denoiser,
    filmed,
    request,
    run,
)

from livedraft.runtime.engine.turn import Cell
from livedraft.runtime.models.diffusion.streams import (
    SD15Stream,
)

_DIFFUSERS: Any = diffusers


@pytest.fixture(scope="module")
def guided() -> SD15Stream:
    """Give sd-1.5's weights with an LCM scheduler."""
    made = SD15Stream.tiny()
    own = made._family.pipe.scheduler.config
    made._family.pipe.scheduler = _DIFFUSERS.LCMScheduler.from_config(own, clip_sample=False)
    return made


def test_residual_guidance_takes_fewer_rows_a_step(guided: SD15Stream) -> None:
    rows = {}
    for residual in ("off", "once", "self"):
        with counted(denoiser(guided)) as calls:
            filmed(guided, [PICTURE], guidance=2.0, residual=residual)
        rows[residual] = calls
    assert rows == {"off": [2] * 4, "once": [2, 1, 1, 1], "self": [1] * 4}


def test_each_kind_of_guidance_leads_another_way(guided: SD15Stream) -> None:
    made = [
        filmed(guided, [PICTURE], guidance=4.0, residual=residual)[0][1]
        for residual in ("off", "once", "self")
    ]
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert (made[one] != made[other]).any()


def test_a_guidance_of_one_is_none_whatever_is_in_its_place(guided: SD15Stream) -> None:
    made = [
        filmed(guided, [PICTURE], guidance=1.0, residual=residual)[0][1]
        for residual in ("off", "once", "self")
    ]
    np.testing.assert_array_equal(made[0], made[1])
    np.testing.assert_array_equal(made[0], made[2])


def test_unlike_guidances_share_a_call(guided: SD15Stream) -> None:
    ways = [("off", 2.0), ("once", 3.0), ("self", 4.0), ("off", 1.0)]
    number = count()
    items = [
        (Cell(), request(guided, PICTURE, 0, residual=r, guidance=g, seed=next(number)))
        for r, g in ways
    ]
    with counted(denoiser(guided)) as calls:
        together = run(guided, items)
    assert calls == [6, 5, 5, 5]
    for seed, ((r, g), (chunk,)) in enumerate(zip(ways, together, strict=True)):
        ((_, alone),) = filmed(guided, [PICTURE], residual=r, guidance=g, seed=seed)
        assert np.abs(chunk.frames[0].astype(int) - alone.astype(int)).max() <= 1

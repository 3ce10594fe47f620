"""diffusers' and transformers' own classes, tiny: saved as MuseTalk is published, and read back."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest

from livedraft.errors import WeightsError
from livedraft.runtime.models.head.musetalk.layout import find
from livedraft.runtime.models.head.musetalk.networks import Networks
from livedraft.runtime.plan import Plan

CROP = np.random.default_rng(1).integers(0, 256, (256, 256, 3), np.uint8)


@pytest.fixture(scope="module")
def networks() -> Networks:
    return Networks.tiny()


@pytest.fixture
def saved(networks: Networks, tmp_path: Path) -> Path:
    networks.save(tmp_path / "models")
    return tmp_path / "models"


def sound(networks: Networks, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    chance = np.random.default_rng(seed)
    return chance.normal(0, 0.1, networks.window * 320).astype(np.float32)


def test_what_was_saved_paints_the_same(networks: Networks, saved: Path) -> None:
    read = Networks.read(find(str(saved)), Plan())
    for each in (networks, read):
        rows = each.hear([sound(networks)])[0]
        assert rows.shape == (networks.window, 3, 16)
    (one,), (other,) = (
        each.paint([each.seen(CROP)], [each.hear([sound(each)])[0][:10]])
        for each in (networks, read)
    )
    np.testing.assert_array_equal(one, other)
    assert one.shape == CROP.shape
    assert one.dtype == np.uint8


def test_the_lower_half_is_hidden_from_the_first_four_channels(networks: Networks) -> None:
    other = CROP.copy()
    other[128:] = 255 - other[128:]
    one, changed = networks.seen(CROP), networks.seen(other)
    assert one.shape == (8, 32, 32)
    assert (one[:4] == changed[:4]).all()
    assert (one[4:] != changed[4:]).any()


def test_what_is_heard_moves_the_picture(networks: Networks) -> None:
    seen = networks.seen(CROP)
    rows = [networks.hear([sound(networks, seed)])[0][:10] for seed in (0, 1)]
    one, other = networks.paint([seen, seen], rows)
    assert (one != other).any()


def test_several_are_painted_as_one_is(networks: Networks) -> None:
    seen = networks.seen(CROP)
    rows = [networks.hear([sound(networks, seed)])[0][:10] for seed in (0, 1)]
    together = networks.paint([seen, seen], rows)
    for made, heard in zip(together, rows, strict=True):
        (alone,) = networks.paint([seen], [heard])
        assert np.abs(made.astype(int) - alone).max() <= 1


def test_a_unet_of_another_family_is_refused(saved: Path) -> None:
    config = saved / "musetalkV15" / "musetalk.json"
    told = json.loads(config.read_text())
    config.write_text(json.dumps(told | {"cross_attention_dim": 32}))
    with pytest.raises(WeightsError):
        Networks.read(find(str(saved)), Plan())


@pytest.mark.parametrize("name", ["musetalkV15/unet.pth", "sd-vae/config.json"])
def test_damaged_weights_are_refused(saved: Path, name: str) -> None:
    (saved / name).write_bytes(b"\x80\x02nonsense")
    with pytest.raises(WeightsError, match="cannot be read"):
        Networks.read(find(str(saved)), Plan())


def test_a_pickle_that_runs_code_is_refused(saved: Path) -> None:
    (saved / "musetalkV15" / "unet.pth").write_bytes(pickle.dumps(print, protocol=2))
    with pytest.raises(WeightsError, match="cannot be read"):
        Networks.read(find(str(saved)), Plan())

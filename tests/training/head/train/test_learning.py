"""What is learned is what runs: the same rows, the same norm, the same net."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from training.head.data.clips import RATE, Clip
from training.head.train.augment import augmented
from training.head.train.batches import Batches, normalised
from training.head.train.examples import damaged, example, spectra
from training.head.train.export import export
from training.head.train.fitting import fit
from training.head.train.net import HearingNet, Shape

from livedraft.runtime.models.head.audio.encoder import Net
from livedraft.runtime.models.head.audio.features import Normalisation, Spectra
from livedraft.runtime.models.head.visemes import VISEMES

SMALL = Shape(channels=8, dilations=(1, 2), ahead=3)


def clip(seconds: float = 1.0) -> Clip:
    """Return hisses and hums in turns, which are easy to tell apart."""
    rng = np.random.default_rng(0)
    count = round(seconds * RATE)
    hiss = 8_000 * rng.standard_normal(count).clip(-2, 2)
    hum = 8_000 * np.sin(np.arange(count) * 2 * np.pi * 200 / RATE)
    turns = np.arange(count) // 1600 % 2
    samples = np.where(turns, hiss, hum).astype(np.int16)
    segments = [
        (("AA", "S")[step % 2], step / 10, (step + 1) / 10) for step in range(int(seconds * 10))
    ]
    return Clip(samples, segments, "arpabet", "")


def floats(one: Clip) -> NDArray[np.float32]:
    return one.samples.astype(np.float32) / np.float32(32768)


def test_rows_of_a_whole_clip_are_those_of_a_stream() -> None:
    samples = floats(clip())
    stream = Spectra()
    rows = [stream.push(samples[start : start + 777]) for start in range(0, len(samples), 777)]
    streamed = np.concatenate(rows)
    np.testing.assert_allclose(spectra(samples)[: len(streamed)], streamed, atol=1e-4)


def test_the_norm_of_a_sequence_is_that_of_a_stream() -> None:
    rows = spectra(floats(clip()))
    stream = Normalisation()
    streamed = np.concatenate([stream.push(rows[:33]), stream.push(rows[33:])])
    np.testing.assert_allclose(normalised(rows), streamed, atol=1e-4)


def test_the_exported_net_is_the_one_that_learned(tmp_path: Path) -> None:
    torch.manual_seed(1)
    net = HearingNet(SMALL)
    torch.nn.init.normal_(net.out.weight)
    for name, seen in net.norms.named_buffers():  # as if it had seen something
        if "running" in name:
            torch.nn.init.uniform_(seen, 0.5, 2)
    export(net.eval(), tmp_path / "net.npz")
    rows = np.random.default_rng(0).standard_normal((50, 40)).astype(np.float32)
    with torch.no_grad():
        expected = net(torch.from_numpy(rows.T[None].copy()))[0].T.numpy()
    with np.load(tmp_path / "net.npz") as arrays:
        runtime = Net(dict(arrays))
    past = runtime.silence()
    made = np.concatenate([runtime.run(rows[:7], past), runtime.run(rows[7:], past)])
    assert runtime.ahead == SMALL.ahead
    np.testing.assert_allclose(made, expected, atol=0.05)  # half precision


def test_it_learns_and_goes_on_where_it_was(tmp_path: Path) -> None:
    batches = Batches([[example(clip(3.0))]], [1.0], SMALL.ahead, length=200, size=4)
    heard: list[int] = []
    checkpoint = tmp_path / "net.pt"
    fit(SMALL, batches, 3, checkpoint, lambda net: heard.append(0))
    fit(SMALL, batches, 120, checkpoint, lambda net: heard.append(1))
    assert heard[0] == 0
    assert heard[-1] == 1
    state = torch.load(checkpoint, weights_only=True)
    assert state["updates"] == 120
    net = HearingNet(SMALL).eval()
    net.load_state_dict(state["average"])
    known = example(clip(3.0))
    with torch.no_grad():
        scores = net(torch.from_numpy(normalised(known.rows).T[None].copy()))[0, : len(VISEMES)]
    late = scores.argmax(0).numpy()[SMALL.ahead :]
    assert (late == known.visemes[: -SMALL.ahead]).mean() > 0.7


def test_batches_are_as_late_as_the_net() -> None:
    batch = Batches([[example(clip(5.0))]], [1.0], ahead=4, length=100, size=2).draw()
    assert batch.rows.shape == (2, 40, 100)
    assert (batch.visemes[:, :4] < 0).all()
    assert (batch.visemes[:, 4:] >= 0).all()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_a_room_does_rows_stay_finite_and_whole(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = spectra(floats(clip()))
    heard = augmented(rows, rows[::-1].copy(), rng)
    assert heard.shape == rows.shape
    assert np.isfinite(heard).all()
    worse = damaged(clip(), rng)
    assert len(worse.rows) == len(worse.visemes) == len(worse.controls)
    assert np.isfinite(worse.rows).all()

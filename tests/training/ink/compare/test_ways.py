"""The written comparison: same batches for all, fair sizes, and a table of what was found."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn
from training.ink.compare.plain import PlainUNet, count
from training.ink.compare.table import table
from training.ink.compare.variants import VARIANTS, Consistency, Flow, noised
from training.ink.compare.ways import examined, teach
from training.ink.data.batch import Batch
from training.ink.data.batches import Batches, Drawings
from training.ink.evaluate.montage import CELL

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.tuning.nets.colour_net import ColourNet, Painting
from livedraft.runtime.models.ink.tuning.nets.decoder import LineDecoder
from livedraft.runtime.models.ink.tuning.nets.layers import Widths
from livedraft.runtime.models.ink.words.text import TextTable

NARROW = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)
SMALL = Widths(colour=(32, 64, 128), decoder=(12, 24, 48, 64), condition=128)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def batch(cache: Path) -> Batch:
    torch.manual_seed(0)
    return Batches(Drawings(cache), TextTable.load(WEIGHTS), 0).pictures(2, crop=256)


class Oracle(nn.Module):
    """Knows the picture."""

    def __init__(self, picture: torch.Tensor) -> None:
        super().__init__()
        self.picture = picture

    def forward(self, *_: object) -> Painting:
        return Painting(self.picture, self.picture)


def test_the_plain_net_is_as_large_as_what_it_is_compared_with() -> None:
    rivals = count(ColourNet(SMALL)) + count(LineDecoder(SMALL))
    assert rivals <= count(PlainUNet(SMALL)) < 1.05 * rivals


@pytest.mark.parametrize("kind", [Flow, Consistency])
@pytest.mark.parametrize("steps", [1, 2, 4])
def test_sampling_ends_at_what_is_predicted(
    kind: type[Flow | Consistency], steps: int, batch: Batch
) -> None:
    variant = kind(NARROW, 4)
    made = variant.sample(Oracle(batch.latent), batch, steps)
    torch.testing.assert_close(made, batch.latent, atol=1e-5, rtol=0)


def test_the_path_leads_from_noise_to_the_picture() -> None:
    picture, noise = torch.ones(3, 4, 2, 2), torch.full((3, 4, 2, 2), -1.0)
    at = noised(picture, noise, torch.tensor([0.0, 0.5, 1.0]))
    assert at[:, 0, 0, 0].tolist() == [-1, 0, 1]


def test_a_student_begins_as_its_teacher_and_leaves_it_as_it_was(batch: Batch) -> None:
    variant = Consistency(NARROW, 4)
    for _ in range(2):
        variant.update(batch)
    taught = {name: value.clone() for name, value in variant.flow.trainer.ema.items()}
    assert variant.trainer.updates == 0
    for _ in range(2):
        variant.update(batch)
    assert variant.flow.trainer.updates == variant.trainer.updates == 2
    assert all(torch.equal(variant.flow.trainer.ema[name], taught[name]) for name in taught)
    assert any(not torch.equal(variant.trainer.ema[name], taught[name]) for name in taught)


def test_a_variant_learns_the_same_in_any_company(cache: Path) -> None:
    alone = teach(["ours"], cache, 2, NARROW, seed=3)
    among = teach(["flow", "adversarial", "ours"], cache, 2, NARROW, seed=3)
    for name in ("ours", "decoder"):
        for key, value in alone["ema"][name].items():
            assert torch.equal(value, among["ema"][name][key])


def test_all_variants_are_shown_and_told_in_a_table(cache: Path, tmp_path: Path) -> None:
    taught = teach(list(VARIANTS), cache, 2, NARROW, seed=0)
    report: dict[str, Any] = examined(taught, cache, 2, NARROW, tmp_path / "ways.jpg")
    with Image.open(tmp_path / "ways.jpg") as picture:
        assert picture.width >= (2 + len(VARIANTS)) * CELL
    assert list(report["variants"]) == list(VARIANTS)
    lines = list(table(report))
    rows = [line for line in lines if line.startswith("| ")]
    assert len(rows) == 1 + 5 * 4 + 1, "a head; three numbers of steps and the true palette; plain"
    assert len({line.count("|") for line in lines if line.startswith("|")}) == 1
    ours = report["variants"]["ours"]["rows"]
    assert all(row["against_first"]["ciede2000"] == [0, 0] for row in ours.values())
    assert all(0 <= row["alpha_iou"] <= 1 for row in ours.values())

"""The repair net's training: from records to samples, updates, a checkpoint and a graph."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from training.tryon.repair import records
from training.tryon.repair.evaluate import COLUMNS, by_plain_fill, cases, figures
from training.tryon.repair.export import export
from training.tryon.repair.materials import GROUPS, skin_tone, srgb
from training.tryon.repair.net import SHARP, RepairNet
from training.tryon.repair.records import ARM_L, ARM_R, FACE, SIDE, Bodies, Body
from training.tryon.repair.samples import Sample, sample
from training.tryon.repair.scenes import draw
from training.tryon.repair.train import Samples, Trainer, train

from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.tryon.repair.view import CHANNELS
from livedraft.runtime.models.tryon.repair.view import SIDE as VIEW

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def file(cache: Path) -> Path:
    """Return the planes of the mannequins."""
    path = cache / "repair" / "train"
    assert records.build(cache, False, path, 4) > 0
    return path


@pytest.fixture(scope="module")
def body(file: Path) -> Body:
    return Bodies(file)[0]


def drawn(body: Body) -> Sample:
    rng = np.random.default_rng(5)
    made = next(found for found in (sample(body, rng) for _ in range(40)) if found is not None)
    return made


def test_planes_say_where_arms_are(body: Body) -> None:
    arms = np.isin(body.part, (ARM_L, ARM_R))
    assert body.part.shape == (SIDE, SIDE)
    assert arms.any()
    for arm in body.arms:
        x, y = ((arm[1] + arm[2]) / 2).round().astype(int)
        if 2 < x < SIDE - 2 and 2 < y < SIDE - 2:
            assert arms[y - 2 : y + 3, x - 2 : x + 3].any()
    np.testing.assert_allclose(np.linalg.norm(body.normal[arms], axis=-1), 1, atol=0.02)
    assert body.normal[arms][:, 2].mean() > 0.3  # they face the camera


def test_a_mirrored_body_is_the_same_body(body: Body) -> None:
    twice = body.mirrored().mirrored()
    np.testing.assert_array_equal(twice.part, body.part)
    np.testing.assert_allclose(twice.joints, body.joints, atol=1e-3)
    np.testing.assert_allclose(body.mirrored().normal[:, ::-1, 0], -body.normal[..., 0])


def test_a_scene_hides_what_the_truth_shows(body: Body) -> None:
    for seed in range(8):
        scene = draw(body, np.random.default_rng(seed), group=seed % len(GROUPS))
        outside = scene.top < 0.01
        if not outside.any() or not (scene.top > 0.9).any():
            continue
        off = np.abs(scene.image.astype(float) - scene.bare).mean(-1)
        assert np.median(off[outside]) < 8  # but for noise and blur the pictures are one
        ground = (scene.body < 0.01) & outside
        assert np.abs(scene.ground - scene.bare)[ground].max() < 1
        assert scene.face[body.part == FACE].mean() >= 0


@pytest.mark.parametrize("group", range(len(GROUPS)))
def test_groups_of_skin_are_of_their_lightness(group: int) -> None:
    rng = np.random.default_rng(group)
    for _ in range(20):
        pixel = (srgb(skin_tone(rng, group)) / 255).reshape(1, 1, 3).astype(np.float32)
        lightness = float(cv2.cvtColor(pixel, cv2.COLOR_RGB2LAB)[0, 0, 0])
        assert GROUPS[group][0] - 1.5 <= lightness <= GROUPS[group][1] + 1.5


def test_a_sample_is_in_the_tone_of_its_skin(body: Body) -> None:
    made = drawn(body)
    assert made.inputs.shape == (CHANNELS, VIEW, VIEW)
    assert made.bare.shape == made.ground.shape == (3, VIEW, VIEW)
    hidden, body_, arm, free = made.masks
    np.testing.assert_allclose(body_ + free, 1, atol=1e-5)
    assert (arm <= body_ + 1e-3).all()
    assert (hidden > 0.5).any()
    for part in made:
        assert np.isfinite(part).all()


def test_training_learns_resumes_and_ends(file: Path, tmp_path: Path) -> None:
    made = drawn(Bodies(file)[0])
    batch = [torch.from_numpy(part)[None] for part in made]
    trainer = Trainer(60, CPU, 1)
    losses = []
    for _ in range(14):
        trainer.update(batch)
        losses.append(trainer.loss)
    assert losses[-1] < losses[0]
    trainer.budget, trainer.seconds = 1.0, 2.0  # the budget is used up: one update, and it saves
    checkpoint = tmp_path / "repair.pt"
    train(trainer, file, checkpoint, workers=0)
    again = Trainer(60, CPU, 1)
    again.resume(checkpoint)
    assert again.updates == trainer.updates == 15
    for name, value in trainer.average.state_dict().items():
        torch.testing.assert_close(again.average.state_dict()[name], value)


def test_samples_differ_by_seed_alone(file: Path) -> None:
    first, second, other = (next(iter(Samples(file, seed))) for seed in (1, 1, 2))
    assert torch.equal(first[0], second[0])
    assert not torch.equal(first[0], other[0])


def test_the_graph_says_what_the_net_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    net = RepairNet()
    torch.nn.init.normal_(net.head.weight, std=0.05)
    checkpoint = tmp_path / "repair.pt"
    torch.save({"average": net.state_dict()}, checkpoint)
    export(checkpoint, tmp_path / "repair.onnx")
    graph = opened((tmp_path / "repair.onnx").read_bytes(), "the net", threads=1)
    seen = torch.rand(1, CHANNELS, VIEW, VIEW)
    planes = torch.from_numpy(graph.run(picture=seen.numpy()))
    with torch.no_grad():
        out = net(seen)
    torch.testing.assert_close(planes[:, :2], torch.sigmoid(SHARP * out[:, :2]), atol=0.02, rtol=0)
    torch.testing.assert_close(planes[:, 2:], 1.5 * torch.tanh(out[:, 2:]), atol=0.02, rtol=0)


def test_figures_are_those_of_the_bared_arm(file: Path) -> None:
    found = cases(Bodies(file), 2, 2)
    assert found
    case = found[0]
    exact = figures(case, case.scene.bare)
    assert len(exact) == len(COLUMNS)
    assert exact[0] > 70
    assert exact[2] == 0
    plain = figures(case, by_plain_fill(case))
    assert 5 < plain[0] < 60

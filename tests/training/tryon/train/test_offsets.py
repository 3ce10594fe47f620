"""Offsets of control points: judged by the very maps that serving makes, and learned."""

from pathlib import Path

import numpy as np
import pytest
import torch
from training.tryon.data.paint import paint
from training.tryon.data.records import Record, records
from training.tryon.train import kept, learn
from training.tryon.train.examples import Example, examples
from training.tryon.train.export import export
from training.tryon.train.fitting import Recipe, errors, fit
from training.tryon.train.offsets import TAIL, Batch, OffsetNet, Shape, judged, mapped, moved
from training.tryon.train.seeing import Sight
from training.tryon.train.variants import variants

from livedraft.runtime.models.onnx import opened
from livedraft.runtime.models.splines import spline
from livedraft.runtime.models.tryon.body.frame import JOINTS, SIDES, Body
from livedraft.runtime.models.tryon.fit.warp import affine
from livedraft.runtime.models.tryon.garment import prepare


def truly_seen(record: Record) -> Sight:
    """Return what networks without fault would see."""
    sample = paint(record, 1)
    side = {"l": "right", "r": "left"}  # a person who faces us has the right arm at "l"
    joints = [[record.meta["joints"][f"{side[s]}_{name}"] for name in JOINTS] for s in SIDES]
    person = record.body.mask | record.upper.mask | record.lower.mask
    body = Body(np.array(joints, np.float32))
    return Sight(record, body, 1.1, person, person, sample.garment)


@pytest.fixture(scope="module")
def made(cache: Path) -> list[Example]:
    people = [r for r in records(cache, held_out=False) if r.meta["kind"] == "upper"]
    found = [example for record in people for example in examples(truly_seen(record))]
    assert len(found) >= 4
    return found


def test_the_loss_warps_as_serving_does(made: list[Example]) -> None:
    batch = Batch.of(made)
    ours = mapped(batch, batch.knots, batch.at).numpy()
    for row, example in enumerate(made):
        for part in range(len(example.slot)):
            there = example.slot[part] >= 0
            if not there.any():
                continue
            turn = spline if example.bends[part] else affine
            theirs = turn(example.knots[part][there], example.flat[part][there])(example.at[part])
            np.testing.assert_allclose(ours[row, part], theirs, atol=0.02)


def test_offsets_move_the_points_that_they_name_in_the_bodys_frame(made: list[Example]) -> None:
    batch = Batch.of(made[:1])
    count = int(batch.slot.max()) + 1
    offsets = torch.zeros(1, count, 2)
    offsets[0, 0] = torch.tensor([0.1, 0.0])
    shift = (moved(batch, offsets.flatten(1)) - batch.knots)[0]
    named = batch.slot[0] == 0
    assert named.any()
    torch.testing.assert_close(shift[named], (0.1 * batch.axes[0, 0]).expand_as(shift[named]))
    assert float(shift[~named].abs().max()) == 0


def test_a_mirror_changes_nothing_but_sides(made: list[Example]) -> None:
    for one, other in zip(made[::4], made[1::4], strict=True):
        both = Batch.of([one, other])
        there = (both.slot[0] >= 0).sum(1)
        assert there.tolist() == (both.slot[1] >= 0).sum(1).tolist()
        zero = torch.zeros(1, 2 * (int(both.slot.max()) + 1))
        first, second = (judged(Batch.of([e]), zero).inner for e in (one, other))
        assert float(first) == pytest.approx(float(second), rel=0.35, abs=0.02)


def test_learning_lowers_the_error_on_what_it_learns_from(made: list[Example]) -> None:
    batch = Batch.of(made)
    result = fit(batch, batch, Recipe(updates=40))
    assert result.by_net["loss"] < 0.95 * result.by_rule["loss"]
    assert errors(result.net, batch) == pytest.approx(result.by_net)


def test_the_worst_examples_count_by_more_where_that_is_asked(made: list[Example]) -> None:
    batch = Batch.of(made)
    none = torch.zeros(len(batch), 2 * (int(batch.slot.max()) + 1))
    even, more = judged(batch, none).loss, judged(batch, none, worst=0.5).loss
    alone = [float(judged(Batch.of([each]), none[:1]).loss) for each in made]
    worst = sorted(alone)[-max(1, int(TAIL * len(made))) :]
    assert float(more - even) == pytest.approx(0.5 * sum(worst) / len(worst), rel=1e-3)


def test_kept_examples_are_judged_as_they_were(made: list[Example], tmp_path: Path) -> None:
    batch = Batch.of(made)
    index = np.arange(len(batch)) // 4
    kept.write(tmp_path / "upper.npz", batch, index)
    again, of = kept.read(tmp_path / "upper.npz")
    np.testing.assert_array_equal(of, index)
    torch.testing.assert_close(again.features, batch.features, atol=1e-3, rtol=0)
    torch.testing.assert_close(again.apart, batch.apart, atol=1e-3, rtol=0)
    assert errors(None, again) == pytest.approx(errors(None, batch), rel=0.02)


def test_a_saved_net_says_what_it_said(made: list[Example], tmp_path: Path) -> None:
    batch = Batch.of(made)
    recipe = Recipe(updates=10, shape=Shape(width=16, members=2))
    kept.write(tmp_path / "upper.npz", batch, np.arange(len(batch)) // 4)
    found = learn.learn(tmp_path / "upper.npz", recipe, torch.device("cpu"))
    learn.save(tmp_path / "net.pt", found, recipe)
    with torch.no_grad():
        torch.testing.assert_close(
            learn.load(tmp_path / "net.pt")(batch.features), found.net.eval()(batch.features)
        )


def test_a_net_that_learned_nothing_moves_nothing(made: list[Example]) -> None:
    batch = Batch.of(made)
    net = OffsetNet(batch.features.shape[1], int(batch.slot.max()) + 1).eval()
    with torch.no_grad():
        assert float(net(batch.features).abs().max()) == 0
    assert errors(net, batch) == pytest.approx(errors(None, batch))


def test_a_point_that_members_do_not_agree_on_moves_by_less() -> None:
    net = OffsetNet(features=3, points=2, shape=Shape(members=2)).eval()
    asked = torch.zeros(1, 3)
    with torch.no_grad():
        first, second = (net.get_parameter(f"members.{number}.5.bias") for number in range(2))
        for bias in (first, second):
            bias.copy_(torch.tensor([0.1, 0.0, 0.1, 0.0]))
        agreed = net(asked)
        second.copy_(torch.tensor([0.1, 0.0, 0.3, 0.0]))
        apart = net(asked)
    torch.testing.assert_close(agreed, torch.tensor([[0.1, 0.0, 0.1, 0.0]]), atol=2e-3, rtol=0)
    torch.testing.assert_close(apart[:, :2], agreed[:, :2])
    assert 0 < float(apart[0, 2]) < 0.1  # their mean is .2


def test_misreading_moves_what_is_told_and_not_what_is_true(cache: Path) -> None:
    people = (truly_seen(r) for r in records(cache, held_out=False) if r.meta["kind"] == "upper")
    sight = next(sight for sight in people if any(examples(sight)))
    garment = prepare(sight.garment, "upper")
    seen, mirrored, worse, _ = variants(sight, garment, np.random.default_rng(1))
    np.testing.assert_array_equal(seen.body.joints, sight.body.joints)
    assert np.abs(worse.body.joints - seen.body.joints).max() > 1
    np.testing.assert_array_equal(worse.shown, seen.shown)
    np.testing.assert_array_equal(worse.mask, seen.mask)
    width = sight.person.shape[1]
    np.testing.assert_allclose(mirrored.at[:, 0], width - 1 - seen.at[:, 0])
    np.testing.assert_allclose(
        mirrored.body.at("l", "hip"), [width - 1, 0] + seen.body.at("r", "hip") * [-1, 1], atol=1e-3
    )


def test_what_is_exported_says_the_same(made: list[Example], tmp_path: Path) -> None:
    batch = Batch.of(made)
    net = fit(batch, batch, Recipe(updates=10)).net
    export(net, tmp_path / "offsets_upper.onnx")
    graph = opened((tmp_path / "offsets_upper.onnx").read_bytes(), "the net", threads=1)
    features = batch.features[:1]
    said = graph.run(features=features.numpy())
    with torch.no_grad():
        np.testing.assert_allclose(said, net.eval()(features).numpy(), atol=1e-5)

"""Records: what is made is found again, whole, the same for everybody."""

from pathlib import Path

import numpy as np
import pytest
from training.tryon.data import records
from training.tryon.data.__main__ import build
from training.tryon.data.records import Record, is_held_out, pack
from training.tryon.data.scenes import Studio


def all_of(cache: Path) -> list[Record]:
    return [record for held in (False, True) for record in records.records(cache, held)]


def test_a_record_is_read_as_it_was_made(cache: Path, studio: Studio) -> None:
    read = next(records.records(cache, held_out=True))
    made = studio.record(int(read.meta["index"]))
    assert read.meta == made.meta
    for name in records.LAYERS:
        stored, first = getattr(read, name), getattr(made, name)
        np.testing.assert_array_equal(stored.at, first.at)
        np.testing.assert_array_equal(stored.part, first.part)
        np.testing.assert_allclose(stored.normal, first.normal, atol=0.005)
        np.testing.assert_allclose(stored.depth, first.depth, atol=0.002)
        if first.flat is not None:
            np.testing.assert_allclose(stored.flat, np.clip(first.flat, 0, 1023), atol=0.01)
            np.testing.assert_array_equal(stored.inside, first.inside)
        if first.rest is not None:
            np.testing.assert_allclose(stored.rest, first.rest, atol=0.001)


def test_one_body_in_ten_is_held_out(cache: Path) -> None:
    training = [r.meta["index"] for r in records.records(cache, held_out=False)]
    held = [r.meta["index"] for r in records.records(cache, held_out=True)]
    assert sorted(training + held) == list(range(12))
    assert held == [9]
    assert not any(is_held_out(index) for index in training)


def test_a_finished_cache_is_not_made_again(cache: Path) -> None:
    def closed() -> Studio:
        raise AssertionError("the studio was opened")

    build(cache, 12, closed, shard=5)


def test_a_shard_that_is_missing_is_made_alike(cache: Path, studio: Studio, tmp_path: Path) -> None:
    build(tmp_path, 2, lambda: studio, shard=1)
    lost = records.shards(tmp_path)[1]
    before = {key: value.copy() for key, value in np.load(lost).items()}
    lost.unlink()
    build(tmp_path, 2, lambda: studio, shard=1)
    after = dict(np.load(lost).items())
    assert before.keys() == after.keys()
    assert all(np.array_equal(before[key], after[key]) for key in before)


def test_what_was_left_half_written_is_no_shard(cache: Path, tmp_path: Path) -> None:
    (tmp_path / "0000.partial.npz").write_bytes(b"PK")
    assert records.shards(tmp_path) == []


@pytest.mark.parametrize("name", ["upper", "new", "flat"])
def test_cloth_is_small_in_the_cache(cache: Path, name: str) -> None:
    for record in all_of(cache)[:3]:
        packed = pack(record)
        stored = sum(value.nbytes for key, value in packed.items() if key.startswith(name))
        count = len(getattr(record, name).at)
        assert stored <= count * 11 + 40_000

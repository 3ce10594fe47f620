"""kv_roll against a list of all tokens that were ever appended."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from livedraft.kernels import kv_roll

SLOTS, SINK, HEADS, CHANNELS = 8, 2, 2, 8
WINDOW = SLOTS - SINK


def rotary(positions: Tensor) -> tuple[Tensor, Tensor]:
    """Return cosines and sines (tokens, channels / 2) of positions."""
    rates = 0.5 ** torch.arange(CHANNELS // 2)
    angles = positions[:, None].double() * rates
    return angles.cos().float(), angles.sin().float()


def turned(key: Tensor, position: int, interleaved: bool) -> Tensor:
    """Return a key (heads, channels) at a position, pair by pair as a complex number."""
    cos, sin = rotary(torch.tensor([position]))
    pairs = key.reshape(HEADS, -1, 2) if interleaved else key.reshape(HEADS, 2, -1).mT
    made = torch.view_as_complex(pairs.contiguous()) * torch.complex(cos, sin)
    back = torch.view_as_real(made)
    return (back if interleaved else back.mT).reshape(HEADS, CHANNELS)


@pytest.mark.parametrize("interleaved", [True, False])
def test_the_cache_holds_the_first_and_the_latest(backend: str, interleaved: bool) -> None:
    chunk, random = 3, torch.Generator().manual_seed(2)
    keys, values = torch.zeros(2, 1, SLOTS, HEADS, CHANNELS)
    sink, length = torch.zeros(1, SINK, HEADS, CHANNELS), torch.zeros(1, dtype=torch.int64)
    history: list[tuple[Tensor, Tensor]] = []
    for _ in range(6):
        new = torch.randn(2, 1, chunk, HEADS, CHANNELS, generator=random)
        history += zip(new[0, 0], new[1, 0], strict=True)
        held = len(history)
        # The sink stays next to the window: it moves on as the window does.
        moved = max(held - SLOTS, 0)
        now = rotary(torch.arange(held - chunk, held))
        length = kv_roll(
            keys, values, sink, new[0], new[1], length, *now,
            *rotary(torch.arange(SINK) + moved), interleaved=interleaved,
        )  # fmt: skip
        assert length.tolist() == [held]
        kept = [*range(min(SINK, held)), *range(max(held - WINDOW, SINK), held)]
        wanted_keys = [
            turned(history[n][0], n + (moved if n < SINK else 0), interleaved) for n in kept
        ]
        _same(keys[0, : len(kept)], torch.stack(wanted_keys))
        _same(values[0, : len(kept)], torch.stack([history[n][1] for n in kept]))


def _same(cached: Tensor, wanted: Tensor) -> None:
    """Compare tokens in whatever order: attention does not ask for it."""
    order, other = (t.flatten(1)[:, 0].argsort() for t in (cached, wanted))
    torch.testing.assert_close(cached[order], wanted[other], rtol=1e-4, atol=1e-4)


def test_the_sink_does_not_wear_out(backend: str) -> None:
    """A thousand re-phasings in bfloat16 leave one rounding, not a thousand."""
    random = torch.Generator().manual_seed(4)
    raw = torch.randn(1, SINK, HEADS, CHANNELS, generator=random).bfloat16()
    keys, values = torch.zeros(2, 1, SLOTS, HEADS, CHANNELS, dtype=torch.bfloat16)
    sink, length = raw.clone(), torch.tensor([SINK])
    new = torch.zeros(1, WINDOW, HEADS, CHANNELS, dtype=torch.bfloat16)
    for position in (*range(0, 1000, 100), 1000):
        now = rotary(torch.arange(SINK) + position)
        length = kv_roll(keys, values, sink, new, new, length, *rotary(torch.arange(WINDOW)), *now)
    assert torch.equal(sink, raw)
    wanted = torch.stack([turned(raw[0, n].float(), 1000 + n, True) for n in range(SINK)])
    torch.testing.assert_close(keys[0, :SINK].float(), wanted, rtol=8e-3, atol=8e-3)


def test_sessions_of_a_batch_stand_at_different_lengths(backend: str) -> None:
    keys, values = torch.zeros(2, 2, SLOTS, HEADS, CHANNELS)
    sink = torch.zeros(2, SINK, HEADS, CHANNELS)
    new = torch.ones(2, 2, HEADS, CHANNELS)
    still = torch.ones(2, CHANNELS // 2), torch.zeros(2, CHANNELS // 2)
    length = kv_roll(keys, values, sink, new, new, torch.tensor([0, 9]), *still, *still)
    assert length.tolist() == [2, 11]
    # Token 9 is the eighth behind the sink, in a ring of six: the second slot of it.
    assert values[:, :, 0, 0].tolist() == [[1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0, 0, 0]]
    assert sink[:, :, 0, 0].tolist() == [[1, 1], [0, 0]]


def test_a_cache_may_reach_past_32_bits(backend: str, tmp_path: Path) -> None:
    apart = 2**30  # elements from sample to sample; the file has holes there
    room = torch.from_file(str(tmp_path / "far"), shared=True, size=2 * apart + 128)
    keys, values = room.as_strided((2, 3, SLOTS, HEADS, CHANNELS // 2), (64, apart, 8, 4, 1))
    new = torch.ones(3, 2, HEADS, CHANNELS // 2)
    sink = torch.zeros(3, SINK, HEADS, CHANNELS // 2)
    still = torch.ones(2, CHANNELS // 4), torch.zeros(2, CHANNELS // 4)
    kv_roll(keys, values, sink, new, 2 * new, torch.tensor([0, 2, 9]), *still, *still)
    written = [[1, 1, 0, 0, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0, 0, 0], [0, 0, 0, 1, 1, 0, 0, 0]]
    assert values[:, :, 0, 0].div(2).tolist() == written
    assert keys[:, 2:, 0, 0].tolist() == [row[2:] for row in written]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"new_values": torch.zeros(1, 4, HEADS, CHANNELS)}, "new_values has shape"),
        ({"length": torch.zeros(2, dtype=torch.int64)}, "length has shape"),
        ({"cos": torch.zeros(3, 3)}, r"cos has shape \(1, 3, 3\): \(1, 3, 4\) is wanted"),
        ({"sink": torch.zeros(1, 6, HEADS, CHANNELS)}, "3 tokens for a ring of 2"),
    ],
)
def test_what_does_not_fit_is_refused(changed: dict[str, Tensor], message: str) -> None:
    kept = changed.get("sink", torch.zeros(1, SINK, HEADS, CHANNELS))
    phase, sink_phase = torch.zeros(3, CHANNELS // 2), torch.zeros(kept.shape[1], CHANNELS // 2)
    given: dict[str, Any] = {
        "keys": torch.zeros(1, SLOTS, HEADS, CHANNELS),
        "values": torch.zeros(1, SLOTS, HEADS, CHANNELS),
        "sink": kept,
        "new_keys": torch.zeros(1, 3, HEADS, CHANNELS),
        "new_values": torch.zeros(1, 3, HEADS, CHANNELS),
        "length": torch.zeros(1, dtype=torch.int64),
        "cos": phase,
        "sin": phase,
        "sink_cos": sink_phase,
        "sink_sin": sink_phase,
    }
    with pytest.raises(ValueError, match=message):
        kv_roll(**{**given, **changed})

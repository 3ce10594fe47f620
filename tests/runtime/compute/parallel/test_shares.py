"""A call's rows are shared out and joined again, whatever its arguments are."""

from __future__ import annotations

import pickle
from typing import Any

import torch
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.compute.execution.trees import error
from livedraft.runtime.compute.parallel.shares import joined, packed, parted, share, unpacked

CPU = torch.device("cpu")


@given(rows=st.integers(1, 9), most=st.integers(1, 5))
def test_shares_are_all_rows_in_their_order_as_even_as_they_go(rows: int, most: int) -> None:
    given: dict[str, Any] = {
        "x": torch.arange(rows * 2.0).view(rows, 2),
        "t": torch.arange(rows),
        "pairs": {"y": torch.arange(rows * 3.0).view(rows, 3), "none": None},
        "texts": [torch.full((row + 1, 2), float(row)) for row in range(rows)],
        "by_axis": torch.arange(rows * 2.0).view(2, rows),
        "places": torch.arange(7.0),
        "scale": torch.tensor(3.0),
        "flag": False,
    }
    spans = parted(rows, most)
    shares = [share(given, rows, of, {"places"}, {"by_axis": 1}) for of in spans]
    counts = [len(each["x"]) for each in shares]
    assert counts == [of.stop - of.start for of in spans]
    assert len(shares) == min(rows, most)
    assert max(counts) - min(counts) <= 1
    for name in ("x", "t", "texts"):
        assert error(joined([each[name] for each in shares]), given[name]) == 0
    assert error(torch.cat([each["pairs"]["y"] for each in shares]), given["pairs"]["y"]) == 0
    assert error(torch.cat([each["by_axis"] for each in shares], 1), given["by_axis"]) == 0
    for each in shares:
        assert each["places"] is given["places"]
        assert each["scale"] is given["scale"]
        assert (each["flag"], each["pairs"]["none"]) == (False, None)


def test_tensors_of_all_kinds_come_through_a_line() -> None:
    value = {
        "bf16": torch.randn(3, 4).bfloat16(),
        "whole": torch.arange(5),
        "spread": torch.ones(1).expand(4),
        "one": torch.tensor(2.0),
        "nothing": torch.empty(0, 3),
        "turned": torch.randn(4, 3).T,
        "list": [torch.randn(2), (1, "a", None)],
    }
    back = unpacked(pickle.loads(pickle.dumps(packed(value))), CPU)
    assert error(back, value) == 0
    assert back["bf16"].dtype == torch.bfloat16
    assert back["list"][1] == (1, "a", None)

"""A call seen before launches what the first did, with other tensors."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import torch

from livedraft.kernels.ops import NAMES
from livedraft.kernels.replay import Launch, Replay, signature


class Compiled:
    """Stands for a kernel and what it compiles to: keeps what it is launched with."""

    arg_names = ("y", "extra", "work", "BLOCK")

    def __init__(self) -> None:
        self.given: list[tuple[Any, ...]] = []

    def __getitem__(self, grid: tuple[int, ...]) -> Callable[..., None]:
        return lambda *args: self.given.append((grid, args))


class Extra(NamedTuple):
    x: Any
    eps: float
    none: None = None


class Nested(NamedTuple):
    eps: float
    first: Extra
    second: Extra | None
    x: torch.Tensor


def test_tensors_go_where_those_of_the_first_call_were() -> None:
    kernel, x, y, work = Compiled(), torch.zeros(2, 3), torch.zeros(3), torch.zeros(4)
    launch = Launch(kernel, (7,), (y, Extra(x, 0.5), work), {"BLOCK": 16})
    replay = Replay([launch], [kernel], [x, True], y)
    other = torch.ones(2, 3)
    made = replay((other, True))
    grid, (out, extra, scratch, block) = kernel.given.pop()
    assert (grid, block, extra[1:]) == ((7, 1, 1), 16, (0.5, None))
    assert made is out
    assert made is not y
    assert made.shape == y.shape
    assert extra[0] is other
    assert scratch is not work
    assert scratch.shape == work.shape


def test_tuples_nest() -> None:
    kernel, x, y = Compiled(), torch.zeros(2), torch.zeros(3)
    nested = Nested(0.5, Extra(x, 0.1), None, x)
    launch = Launch(kernel, (1,), (y, nested, (nested, 3)), {"BLOCK": 1})
    other = torch.ones(2)
    out = Replay([launch], [kernel], [x], y)((other,))
    filled = (0.5, (other, 0.1, None), None, other)
    assert kernel.given == [((1, 1, 1), (out, filled, (filled, 3), 1))]


def test_two_outputs_and_none() -> None:
    kernel, x = Compiled(), torch.zeros(3)
    outputs = (torch.zeros(2), torch.zeros(3))
    made = Replay([], [], [x], outputs)((x,))
    assert isinstance(made, tuple)
    assert [t.shape for t in made] == [(2,), (3,)]
    launch = Launch(kernel, (1,), (x, Extra(x, 0.1), x), {"BLOCK": 1})
    assert Replay([launch], [kernel], [x], None)((x,)) is None
    assert kernel.given[0][1][0] is x


@pytest.mark.parametrize("of", ["a part of an input", "not contiguous"])
def test_a_launch_with_a_view_is_refused(of: str) -> None:
    kernel, x, y = Compiled(), torch.zeros(4, 4), torch.zeros(3)
    work = x[1] if of == "a part of an input" else torch.zeros(4, 4).t()
    launch = Launch(kernel, (1,), (y, Extra(x, 0.1), work), {"BLOCK": 1})
    with pytest.raises(TypeError, match="own tensors or contiguous scratch"):
        Replay([launch], [kernel], [x], y)


def test_what_compiles_apart_is_told_apart() -> None:
    x = torch.zeros(64)
    calls = [
        (x[:32], 1.0),
        (x[1:33], 1.0),  # not aligned
        (x[:16], 1.0),
        (x[:64:2], 1.0),
        (x[:32].half(), 1.0),
        (x[:32], 2.0),
        (x[:32], None),
    ]
    assert len({signature(call) for call in calls}) == len(calls)
    assert signature((x[:32], 1.0)) == signature((x[32:], 1.0))


def test_code_for_other_constants_is_verified_apart() -> None:
    """Triton compiles apart what is None and what is 1, in tuples as well."""
    x, kernel = torch.zeros(4), object()
    given = [(x, (x, 2)), (x, (x, 1)), (x, (x, None)), (x, None), (None, (x, 2))]
    variants = {Launch(kernel, (1,), args, {}).variant() for args in given}
    assert len(variants) == len(given)
    assert Launch(kernel, (1,), (x, (x, 3)), {}).variant() in variants


def test_every_operation_is_replayed_as_it_was_launched() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "TRITON_INTERPRET"}
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("replayed.py")],
        env=environment | {"LIVEDRAFT_KERNELS": "triton"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.keys() == set(NAMES)
    assert {name: made["differing"] for name, made in found.items() if made["differing"]} == {}
    assert all(made["launches"] for made in found.values())

"""Call every operation twice for a GPU that is not there; say where the launches differ.

Run by test_replay.py in a process of its own, which has the compiler and not the interpreter.
"""

import inspect
import json
from collections.abc import Iterator
from typing import Any

import torch

from livedraft.kernels.ops import every
from livedraft.kernels.phantom import Phantom
from livedraft.kernels.verify import tensors


def flat(values: Any) -> Iterator[Any]:
    """Yield what a launch is given, tuples taken apart."""
    for value in values:
        if isinstance(value, tuple):
            yield from flat(value)
        else:
            yield value


def described(launch: tuple[tuple[int, ...], tuple[Any, ...]], known: dict[int, str]) -> list[Any]:
    """Return grid and arguments; a tensor by the name of its memory, and its shape."""
    grid, args = launch
    return [
        *grid,
        *(
            (known.get(a.data_ptr(), "scratch"), tuple(a.shape), a.stride(), str(a.dtype))
            if isinstance(a, torch.Tensor)
            else str(a)
            for a in flat(args)
        ),
    ]


def copied(value: Any) -> Any:
    """Return a tensor of the same shape and strides in other memory; anything else as it is."""
    if not isinstance(value, torch.Tensor):
        return value
    held = sum((n - 1) * step for n, step in zip(value.shape, value.stride(), strict=True)) + 1
    memory = value.as_strided((held,), (1,)).clone()
    return memory.as_strided(value.shape, value.stride())


def called(op: Any, args: list[Any], seen: list[Any]) -> list[list[Any]]:
    """Call an operation; return its launches."""
    seen.clear()
    outputs = tensors(op(*args))
    known = {a.data_ptr(): f"input {n}" for n, a in enumerate(args) if isinstance(a, torch.Tensor)}
    known |= {t.data_ptr(): f"output {n}" for n, t in enumerate(outputs)}
    return [described(launch, known) for launch in seen]


def main() -> None:
    """Print, for each operation, how many launches a call has and which are not the same again."""
    seen: list[Any] = []
    Phantom(90, lambda grid, args: seen.append((grid, args))).install()
    found = {}
    for op in every():
        spec = op.spec
        workload = next(w for w in spec.workloads if not w.real)
        inputs = spec.inputs(workload.axes, spec.dtypes[-1], torch.Generator().manual_seed(1))
        bound = inspect.signature(spec.reference).bind(**inputs)
        bound.apply_defaults()
        # Copies for both: memory that is aligned alike, or the second call is no replay.
        first, again = (called(op, [copied(a) for a in bound.args], seen) for _ in range(2))
        found[spec.name] = {
            "launches": len(first),
            "differing": [pair for pair in zip(first, again, strict=True) if pair[0] != pair[1]],
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()

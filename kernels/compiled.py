"""What the kernels compile to: registers, shared memory and the width of loads, for each target.

    python -m livedraft.kernels.compiled [OP ...]            compare with resources.json
    python -m livedraft.kernels.compiled --update [OP ...]   write resources.json

Needs no GPU: each operation is planned for its first real workload, and those that ask for it, in
bfloat16 and for tensors without data; the launches are compiled by the compiler that Triton ships.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from importlib.metadata import version
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Any

TARGETS = (80, 89, 90, 100)  # Ampere, Ada, Hopper, Blackwell
COMMAND = "python -m livedraft.kernels.compiled --update"
VECTOR = 128  # bits; the widest access that all targets have
TABLE = Path(__file__).with_name("resources.json")

# "OP sm_90 0", the last the launch's place in the plan → its kernel's name and what it takes
Table = dict[str, dict[str, Any]]
_ACCESS = re.compile(r"\b(ld|st)\.global[\w.:]*?(?:\.v(\d))?\.[bufs](\d+)\b")


def compile_all(names: Sequence[str]) -> Table:
    """Compile operations for all targets."""
    with (
        tempfile.TemporaryDirectory() as cache,
        ProcessPoolExecutor(2, get_context("spawn"), _begin, (cache,)) as pool,
    ):
        made = pool.map(_compile, *zip(*product(names, TARGETS), strict=True))
        return {key: launch for table in made for key, launch in table.items()}


def faults(table: Table) -> list[str]:
    """Return what no kernel may do: spill, or load narrowly what is laid out for more."""
    return [f"{key}: {fault}" for key, launch in table.items() for fault in _faults(launch)]


def recorded() -> Table:
    """Return resources.json, empty where it is of another version of Triton."""
    file = json.loads(TABLE.read_text())
    table: Table = file["launches"] if file["triton"] == version("triton") else {}
    return table


def _faults(launch: Mapping[str, Any]) -> Iterable[str]:
    if launch["stack"]:
        yield f"spills {launch['stack']} bytes"
    for access in launch["wide"]:
        if max(map(int, launch[access]), default=0) < VECTOR:
            yield f"no {access} of {VECTOR} bits: {launch[access]}"


def _begin(cache: str) -> None:
    """Prepare a worker: Triton reads its environment when it is imported."""
    os.environ["TRITON_CACHE_DIR"] = cache
    os.environ.pop("TRITON_INTERPRET", None)


def _compile(name: str, target: int) -> Table:
    from .capability import nominal
    from .phantom import Phantom

    Phantom(target).install()
    nominal.set(replace(nominal.get(), capability=divmod(target, 10)))
    launches = planned(name)
    return {f"{name} sm_{target} {n}": _taken(launch) for n, launch in enumerate(launches)}


def planned(name: str) -> Sequence[Any]:
    """Return the launches of an operation's workloads to compile, for tensors without data.

    None where the GPU cannot do it and torch would.
    """
    from .ops import op

    spec = op(name).spec
    first = next(w for w in spec.workloads if w.real)
    workloads = (w for w in spec.workloads if w is first or w.compiled)
    return [launch for workload in workloads for launch in planned_at(name, workload)[0]]


def planned_at(name: str, workload: Any) -> tuple[Sequence[Any], int]:
    """Return the launches of an operation at a workload, and the bytes that it moves at least."""
    import torch
    from torch._subclasses.fake_tensor import FakeTensorMode

    from .ops import op

    made = op(name)
    spec, plan = made.spec, made.plan()
    dtype = torch.bfloat16 if torch.bfloat16 in spec.dtypes else spec.dtypes[0]
    with FakeTensorMode():
        inputs = spec.inputs(workload.axes, dtype, torch.Generator())
    bare = {
        key: torch.empty_strided(value.shape, value.stride(), dtype=value.dtype, device="meta")
        if isinstance(value, torch.Tensor)
        else value
        for key, value in inputs.items()
    }
    outputs = made.empty(**bare)
    return plan(outputs, **bare) or [], spec.moved(bare, outputs)


def _taken(launch: Any) -> dict[str, Any]:
    """Return what a launch takes on the installed target."""
    kernel = compiled(launch)
    widths: dict[str, Counter[str]] = {"ld": Counter(), "st": Counter()}
    for access, vector, bits in _ACCESS.findall(kernel.asm["ptx"]):
        widths[access][str(int(vector or 1) * int(bits))] += 1
    used = usage(kernel.asm["cubin"])
    return {
        "kernel": launch.kernel.__name__,
        "warps": launch.warps,
        "registers": used["REG"],
        "stack": used["STACK"] + used["LOCAL"],  # bytes a thread: spills
        "shared": kernel.metadata.shared,  # bytes a program
        "loads": dict(sorted(widths["ld"].items())),  # bits: how many instructions
        "stores": dict(sorted(widths["st"].items())),
        "wide": [*["loads"] * launch.wide, *["stores"] * (launch.wide and not launch.reduces)],
    }


def compiled(launch: Any) -> Any:
    """Compile a launch for the installed target; return Triton's kernel."""
    return launch.kernel.warmup(
        *launch.args,
        **launch.constants,
        grid=launch.grid,
        num_warps=launch.warps,
        enable_fp_fusion=True,
    )


def usage(cubin: bytes) -> dict[str, int]:
    """Return what cuobjdump says of a binary's resources: REG, STACK, LOCAL and more."""
    said = dumped(cubin, "-res-usage")
    return {key: int(value) for key, value in re.findall(r"\b([A-Z]+):(\d+)", said)}


def dumped(cubin: bytes, what: str) -> str:
    """Return what the cuobjdump that Triton ships says of a binary."""
    from triton.backends.nvidia import __file__ as backend

    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        tool = Path(backend).with_name("bin") / "cuobjdump"
        done = subprocess.run([tool, what, file.name], capture_output=True, text=True, check=True)
    return done.stdout


def main() -> int:
    """Compile all operations or those named, and compare or update; return the exit status."""
    from .commands import asked
    from .ops import NAMES

    options = asked(
        "compiled",
        __doc__,
        add=lambda parser: parser.add_argument(
            "--update", action="store_true", help=f"write {TABLE.name}, do not compare"
        ),
    )
    named = options.ops or NAMES
    known = {key: launch for key, launch in recorded().items() if key.split()[0] in NAMES}
    kept = {key: launch for key, launch in known.items() if key.split()[0] not in named}
    table = compile_all(named)
    wrong = faults(table)
    if options.update:
        TABLE.write_text(_text(kept | table))
    elif differing := differences(known, kept | table):
        wrong += [f"{key} differs from {TABLE.name}" for key in differing]
    print("\n".join(wrong) or f"{len(table)} kernels compiled")
    return bool(wrong)


def differences(old: Table, new: Table) -> list[str]:
    """Return the launches that are not the same in both."""
    return sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))


def _text(table: Table) -> str:
    """Return the table as JSON with one line a launch."""
    lines = [f"  {json.dumps(key)}: {json.dumps(table[key])}" for key in sorted(table)]
    opening = f'{{\n "triton": {json.dumps(version("triton"))},\n "launches": {{\n'
    return opening + ",\n".join(lines) + "\n }\n}\n"


if __name__ == "__main__":
    sys.exit(main())

"""What holds a kernel back on an H200: memory, or the instructions that it takes. Needs no GPU.

    python -m livedraft.kernels.bounds [OP ...]

Each operation is compiled for sm_90 at every shape of a real model, and its instructions are
counted, by the unit that executes them. A processor moves some 18 bytes a clock at the bandwidth
of a copy, and issues four warps' instructions: seven a byte are one too many, whatever they do. A
kernel that keeps any unit busy for longer than memory cannot move what a copy moves. A loop is
counted once, so figures are what it takes at least; half of memory's time leaves room to overlap.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from .compiled import compiled, dumped, planned_at

TARGET = 90
PROCESSORS = 132
CLOCK = 1.75e9  # Hz
COPY = 4.3e12  # bytes a second, read and written, of a large copy

# Warps' instructions a clock of one processor (CUDA programming guide, throughput of native
# arithmetic instructions, 9.0), by the beginning of an instruction's name; the first that fits.
UNITS: Mapping[str, tuple[float, str]] = {
    "special": (0.5, r"MUFU|I2F\b|F2I|I2FP|F2F\b|POPC"),
    "memory": (1.0, r"LDG|STG|LDS|STS|LDL|STL|SHFL|ATOM|RED|LDSM|STSM"),
    "multiply": (2.0, r"IMAD|HFMA2|IDP"),
    "float": (4.0, r"FFMA|FMUL|FADD"),
    "uniform": (1.0, r"U[A-Z]|R2UR|S2UR"),
    "integer": (2.0, r"."),
}
ISSUE = 4.0
_LINE = re.compile(r"/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\d+\s+)?([A-Z][A-Z0-9_.]*)")
_IDLE = re.compile(r"NOP|EXIT|BRA")


@dataclass(frozen=True)
class Bound:
    """What one operation takes at one shape, µs, on an H200."""

    memory: float
    busiest: str  # the unit that takes longest
    unit: float
    instructions: int  # of a thread, over all launches

    @property
    def ratio(self) -> float:
        """The unit's time over memory's."""
        return self.unit / self.memory


def bound(launches: Sequence[Any], moved: int) -> Bound:
    """Compile launches, which follow one another, and return what bounds them."""
    times: defaultdict[str, float] = defaultdict(float)
    instructions = 0
    for launch in launches:
        counts = counted(dumped(compiled(launch).asm["cubin"], "-sass"))
        warps = prod(launch.grid) * launch.warps
        for unit, count in counts.items():
            rate = UNITS[unit][0] if unit in UNITS else ISSUE
            times[unit] += warps * count / (PROCESSORS * CLOCK * rate) * 1e6
        instructions += counts["issue"]
    busiest = max(times, key=times.__getitem__)
    return Bound(moved / COPY * 1e6, busiest, times[busiest], instructions)


def counted(sass: str) -> Counter[str]:
    """Return how many instructions each unit gets of a thread, and all of them as `issue`."""
    counts: Counter[str] = Counter()
    for name in _LINE.findall(sass):
        if not _IDLE.match(name):
            counts[next(u for u, (_, form) in UNITS.items() if re.match(form, name))] += 1
            counts["issue"] += 1
    return counts


def bounds(name: str) -> Iterator[tuple[str, Bound]]:
    """Yield the shapes of an operation's real models, and what bounds it there."""
    from .ops import op

    for workload in op(name).spec.workloads:
        if workload.real:
            yield workload.name, bound(*planned_at(name, workload))


def main() -> None:
    """Print the bounds of operations, all unless named."""
    from .commands import asked
    from .ops import NAMES
    from .phantom import Phantom

    names = asked("bounds", __doc__).ops or NAMES
    Phantom(TARGET).install()
    for name in names:
        for workload, found in bounds(name):
            print(
                f"{name}, {workload}: memory {found.memory:.1f} µs, {found.busiest} "
                f"{found.unit:.1f} µs, ratio {found.ratio:.2f}, {found.instructions} instructions",
                flush=True,
            )


if __name__ == "__main__":
    os.environ.pop("TRITON_INTERPRET", None)
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TRITON_CACHE_DIR"] = cache
        main()

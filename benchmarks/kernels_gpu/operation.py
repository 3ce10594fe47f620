"""Check one case of an operation on a GPU, and time it: ours, eager, a library's, compiled."""

from __future__ import annotations

from typing import Any

import torch

from livedraft.kernels.bench.stopwatch import host_time, median_time
from livedraft.kernels.calls import Call
from livedraft.kernels.verify import error

from .cases import off
from .idioms import IDIOMS
from .libraries import baseline

Row = dict[str, Any]  # what was found out of a case
_ROUNDINGS = 4  # a baseline rounds between its parts, ours at the end


def check(case: Call, device: torch.device) -> Row:
    """Return the error against the truth, and whether it is within the tolerance."""
    spec = case.op.spec
    case.on(case.inputs(device))()  # at first sight a kernel is verified, the reference returned
    inputs = case.inputs(device)
    found, allowed = off(case, inputs), spec.tolerance[case.dtype]
    backend = case.op.backend(next(iter(inputs.values())))
    return {"error": found, "allowed": allowed, "right": found <= allowed, "backend": backend}


def times(case: Call, device: torch.device, roof: float) -> Row:
    """Return the times, µs, the caches cold but where they are said to be warm.

    ``share`` is of ``roof``, the bandwidth of a copy, bytes a second.
    """
    spec, inputs = case.op.spec, case.inputs(device)
    ours = case.on(inputs)
    moved = spec.moved(inputs, ours())
    cold, warm = (median_time(ours, device, cold=cold) for cold in (True, False))
    row: Row = {
        "backend": case.op.backend(next(iter(inputs.values()))),
        "ours_us": cold,
        "ours_warm_us": warm,
        "host_us": host_time(ours, device),
        "moved_bytes": moved,
        "share": moved / (cold * 1e-6) / roof,
        "copy_bytes_per_s": roof,
        "reference_us": median_time(lambda: spec.reference(**inputs), device),
    }
    idiom = IDIOMS.get(spec.name)
    if idiom is not None:
        row["torch_us"] = median_time(lambda: idiom(**inputs), device)
    return row | _library(case, device)


def compiled(case: Call, device: torch.device) -> Row:
    """Return the time of what Inductor makes of the idiom, or of the reference, for this shape."""
    spec, inputs = case.op.spec, case.inputs(device)
    torch.compiler.reset()  # one shape a compilation: nothing is made dynamic
    inductor = torch.compile(IDIOMS.get(spec.name) or spec.reference, dynamic=False)
    return {"compiled_us": median_time(lambda: inductor(**inputs), device)}


def graph(case: Call, device: torch.device) -> bool:
    """Say whether a CUDA graph captures a case and replays it rightly.

    A second call of what writes in place has other inputs: then only that it is captured is said.
    """
    call = case.on(case.inputs(device))
    expected = call()  # verified at first sight, outside of the capture
    captured = torch.cuda.CUDAGraph()
    torch.cuda.synchronize()
    with torch.cuda.graph(captured):
        made = call()
    captured.replay()
    torch.cuda.synchronize()
    allowed = case.op.spec.tolerance[case.dtype]
    return bool(case.op.spec.mutates) or error(made, expected) <= allowed


def whole(case: Call, device: torch.device) -> bool:
    """Say whether torch.compile takes a case without a break and computes it rightly."""
    spec = case.op.spec
    expected = case.on(case.inputs(device))()
    torch.compiler.reset()
    made = torch.compile(case.on(case.inputs(device)), fullgraph=True)()
    return error(made, expected) <= spec.tolerance[case.dtype]


def _library(case: Call, device: torch.device) -> Row:
    """Return the time of a library's way, if it computes the same; else why there is none."""
    spec, inputs = case.op.spec, case.inputs(device)
    try:
        found = baseline(spec.name, inputs)
        if found is None:
            return {}
        true = spec.reference(**inputs)
        off = error(found.whole(found.call()), true)
        allowed = _ROUNDINGS * spec.tolerance[case.dtype]
        if off > allowed:
            return {"library_failed": f"error {off:.1e}, {allowed:.1e} allowed"}
        return {"library_us": median_time(found.call, device)}
    except torch.OutOfMemoryError:
        return {"library_failed": "the GPU has not the memory"}
    except Exception as raised:  # of a stranger's compiler or launch: ours is measured all the same
        return {"library_failed": f"{type(raised).__name__}: {raised}"[:200]}

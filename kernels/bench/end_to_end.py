"""What a kernel is worth in a model that uses it: the same model with the reference beside it."""

from __future__ import annotations

from statistics import median
from typing import Any

import torch
from torch import Tensor

from ..spec import OpSpec
from . import compare
from .candidate import Candidate, outputs_of
from .cases import Seeds
from .definition import Definition
from .source import Unusable
from .values import named
from .verdict import EndToEnd, Failed, Outcome

_ROUNDS = 3
_CALLS = 10  # of a round
_MOST_BYTES = 1 << 30  # of a model's output
AMPLIFIED = 8  # times an operation's tolerance: what the rest of a small model makes of it


def in_model(
    definition: Definition,
    judged: Candidate,
    baseline: Candidate,
    seeds: Seeds,
    device: torch.device,
    timed: bool,
) -> EndToEnd:
    """Run the definition's model with the kernel and with the reference, in turn.

    ``baseline`` has the reference loaded. Raise Failed where the results differ.
    """
    spec, model = definition.spec, definition.model
    assert model is not None, "the caller has looked"
    dtype = _dtype(spec, device)
    asked = {
        "do": "model",
        "model": model.__name__,
        "dtype": named(dtype),
        "real": device.type == "cuda",
        "calls": _CALLS if timed else 0,
        **({"file": definition.file} if definition.file else {"in": model.__module__}),
    }
    spans: dict[str, list[float]] = {"kernel": [], "reference": []}
    error = 0.0
    for at in range(_ROUNDS if timed else 1):
        asked["seed"] = seeds.number("model", at)
        try:
            true, took = _run(baseline, asked)
        except Failed as failed:
            said = f"{model.__name__} fails with the reference in it: {failed.why}"
            raise Unusable(said, "mend the definition's model") from failed
        spans["reference"].append(took)
        made, took = _run(judged, asked)
        spans["kernel"].append(took)
        why = compare.misshapen([made], [true])
        if not why:
            found = compare.differ(made, true, AMPLIFIED * spec.tolerance[dtype])
            error, why = max(error, found.error), found.why
        if why:
            raise Failed(Outcome.WRONG, f"in a model, {named(dtype)}: {why}")
    if not timed:
        return EndToEnd(model.__name__, None, None, None, error)
    with_it, without = median(spans["kernel"]), median(spans["reference"])
    return EndToEnd(model.__name__, without, with_it, (with_it / without - 1) * 100, error)


def _run(candidate: Candidate, asked: dict[str, Any]) -> tuple[Tensor, float]:
    answer = candidate.ask(asked, room=_MOST_BYTES)
    made = outputs_of(answer.header["made"], answer.blobs)
    if len(made) != 1 or not isinstance(made[0], Tensor):
        raise Failed(Outcome.WRONG, "in a model: it returned no tensor")
    return made[0], float(answer.header["us"])


def _dtype(spec: OpSpec, device: torch.device) -> torch.dtype:
    if device.type == "cuda":
        half = [dtype for dtype in spec.dtypes if dtype.itemsize == 2]
        return (half or spec.dtypes)[-1]
    return torch.float32 if torch.float32 in spec.dtypes else spec.dtypes[0]

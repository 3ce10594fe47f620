"""What a kernel is judged by: one of our operations, or a definition of the user's own."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import module_from_spec, spec_from_file_location
from inspect import signature
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from ..ops import NAMES, op
from ..spec import TOLERANCE, OpSpec, Workload, once
from .cases import Case, Seeds
from .compare import run, truth
from .source import Unusable


@dataclass(frozen=True)
class Definition:
    """An operation's spec, and where a process finds its reference and a model that uses it."""

    spec: OpSpec
    file: str = ""  # of the user's own definition
    model: Callable[..., Any] | None = None


def ours(name: str) -> Definition:
    """Return the definition of one of our operations; raise Unusable for an unknown name."""
    from .models import MODELS

    if name not in NAMES:
        raise Unusable(f"there is no operation '{name}'", "known: " + ", ".join(NAMES))
    return Definition(op(name).spec, model=MODELS[name])


def from_file(path: Path) -> Definition:
    """Return the definition in a file of the user's own, which is run here: it is trusted.

    The file has ``SPEC``, an ``OpSpec``; or ``reference(...)`` in plain torch, ``inputs(axes,
    dtype, generator)`` and ``WORKLOADS``, a list of axes or a dict of them by name; and may have
    ``TOLERANCE``, ``DTYPES``, ``MUTATES``, ``moved`` and ``model``. See the guide.
    """
    if not path.is_file():
        raise Unusable(f"there is no file {path}", "give --definition a file")
    module = _imported(path)
    spec = getattr(module, "SPEC", None)
    if spec is None:
        spec = _made(module, path)
    if not isinstance(spec, OpSpec):
        raise Unusable(f"SPEC in {path.name} is no OpSpec", "see livedraft.kernels.spec")
    return Definition(spec, str(path.resolve()), getattr(module, "model", None))


def _made(module: ModuleType, path: Path) -> OpSpec:
    for name in ("reference", "inputs", "WORKLOADS"):
        if not hasattr(module, name):
            raise Unusable(
                f"{path.name} defines no {name}", "it needs reference, inputs, WORKLOADS"
            )
    listed = module.WORKLOADS
    named = (
        listed.items() if isinstance(listed, dict) else [(f"{n}", a) for n, a in enumerate(listed)]
    )
    tolerance = getattr(module, "TOLERANCE", TOLERANCE)
    try:
        return OpSpec(
            name=path.stem,
            summary=(module.__doc__ or "").strip().partition("\n")[0],
            fuses="",
            used="",
            reference=module.reference,
            inputs=module.inputs,
            workloads=tuple(_workload(name, dict(axes)) for name, axes in named),
            moved=getattr(module, "moved", once),
            dtypes=tuple(getattr(module, "DTYPES", tuple(tolerance))),
            tolerance=tolerance,
            mutates=tuple(getattr(module, "MUTATES", ())),
        )
    except (TypeError, ValueError) as error:
        raise Unusable(f"{path.name}: {error}", "see the guide on judging a kernel") from error


def _workload(name: str, axes: dict[str, Any]) -> Workload:
    return Workload(name, {k: v for k, v in axes.items() if k != "real"}, bool(axes.get("real")))


def _imported(path: Path) -> ModuleType:
    found = spec_from_file_location("livedraft_definition_" + path.stem, path)
    if found is None or found.loader is None:
        raise Unusable(f"{path.name} is no Python file", "give --definition a .py file")
    module = module_from_spec(found)
    try:
        found.loader.exec_module(module)
    except Exception as error:  # a stranger's module may raise whatever it likes
        said = traceback.format_exception_only(error)[-1].strip()
        raise Unusable(f"{path.name} did not import: {said}", "run it by itself first") from error
    return module


def checked(definition: Definition) -> Definition:
    """Return a definition whose reference takes its inputs; raise Unusable where it does not."""
    spec = definition.spec
    small = [workload for workload in spec.workloads if not workload.real]
    if not small or not spec.dtypes:
        raise Unusable(f"{spec.name} has no small workload", "list at least one")
    seeds, cpu = Seeds(), torch.device("cpu")
    for case in (Case(workload, dtype) for workload in small for dtype in spec.dtypes):
        try:
            inputs = case.inputs(spec, seeds, cpu)
            signature(spec.reference).bind(**inputs)
            run(spec, inputs)
            truth(spec, inputs)
        except Exception as error:  # a stranger's code may raise whatever it likes
            said = traceback.format_exception_only(error)[-1].strip()
            raise Unusable(f"{spec.name} fails at {case}: {said}", "mend the definition") from error
    return definition

"""The networks of perception, opened: each is asked by the file that reads its answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from livedraft.errors import WeightsError

from ..base import DEFAULT_PLAN, Plan
from ..onnx import Graph, opened, providers
from .weights import WEIGHTS


@dataclass(frozen=True, slots=True)
class PoseNetworks:
    """What finds people and their joints."""

    detection: Graph
    landmarks: Graph

    @classmethod
    def read(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Open those that ship, or those of a folder; raise WeightsError where there are none."""
        return cls(*(_read(name, source, plan) for name in ("pose_detection", "pose_landmarks")))


@dataclass(frozen=True, slots=True)
class FaceNetworks:
    """What finds faces and their meshes."""

    detection: Graph
    mesh: Graph

    @classmethod
    def read(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Open those that ship, or those of a folder; raise WeightsError where there are none."""
        return cls(*(_read(name, source, plan) for name in ("face_detection", "face_mesh")))


def read_parse(source: str = "", plan: Plan = DEFAULT_PLAN) -> Graph:
    """Open what tells hair, skin and clothes; raise WeightsError where there is none."""
    return _read("parse", source, plan)


def _read(name: str, source: str, plan: Plan) -> Graph:
    folder = Path(source) if source else WEIGHTS
    fix = "reinstall livedraft" if not source else f"name a folder with {name}.onnx"
    try:
        graph = (folder / f"{name}.onnx").read_bytes()
    except OSError as error:
        raise WeightsError(f"the network {name} cannot be read: {error}", fix=fix) from error
    on = providers(plan.device, name)
    return opened(graph, f"the network {name}", threads=plan.threads, on=on, fix=fix)

"""What was chosen, on disk: by model, bucket, GPU and versions; a damaged file is set aside."""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Hashable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from livedraft.errors import ConfigError
from livedraft.version import __version__

from .choice import WAYS, Choice

logger = logging.getLogger("livedraft.execution")

_FORMAT = 1


class PlanStore:
    """Choices in one JSON file, which machines of a kind may share.

    Choices of another GPU or of other versions are kept, and not used. The file holds figures and
    words only: nothing that is run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._plans: dict[str, Any] = {}
        if path.exists():
            try:
                self._plans = _read(path)
            except (OSError, ValueError) as damaged:
                aside = path.with_suffix(".damaged")
                path.replace(aside)
                logger.warning("plans in %s set aside as %s: %s", path, aside.name, damaged)

    def get(self, name: str, bucket: Hashable, device: torch.device) -> Choice | None:
        """Return what was chosen for a bucket on this kind of device, with these versions."""
        found = self._plans.get(_key(name, bucket, device))
        return None if found is None else Choice(found["way"], found["us"], found["reasons"])

    def put(self, name: str, bucket: Hashable, device: torch.device, choice: Choice) -> None:
        """Keep a choice, and write the file, whole or not at all."""
        told = {"name": name, "bucket": repr(bucket), "setting": setting(device)}
        self._plans[_key(name, bucket, device)] = told | asdict(choice)
        self._write(self._path)

    def export(self, path: Path) -> None:
        """Write all choices to a file for other machines."""
        self._write(path)

    def take_in(self, path: Path) -> int:
        """Add the choices of an exported file; return how many are of this machine's kind.

        Own choices stay as they are. Raises ConfigError where the file is not one of plans.
        """
        try:
            found = _read(path)
        except (OSError, ValueError) as damaged:
            raise ConfigError(
                f"{path.name} holds no plans: {damaged}", fix="export it anew where they were made"
            ) from damaged
        self._plans = found | self._plans
        self._write(self._path)
        here = [setting(torch.device(kind)) for kind in ("cpu", "cuda")]
        return sum(plan["setting"] in here for plan in found.values())

    def _write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f"{path.name}.{os.getpid()}.part")
        part.write_text(json.dumps({"format": _FORMAT, "plans": self._plans}, indent=1), "utf-8")
        part.replace(path)


def setting(device: torch.device) -> dict[str, str]:
    """Return what a choice holds for: the kind of device, and the versions."""
    on_gpu = device.type == "cuda" and torch.cuda.is_available()
    return {
        "device": torch.cuda.get_device_name(device) if on_gpu else device.type,
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "livedraft": __version__,
    }


def _key(name: str, bucket: Hashable, device: torch.device) -> str:
    told = json.dumps([name, repr(bucket), setting(device)])
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _read(path: Path) -> dict[str, Any]:
    """Return the plans of a file; raise ValueError where it is damaged or of another format."""
    found = json.loads(path.read_text("utf-8"))
    if not isinstance(found, dict) or found.get("format") != _FORMAT:
        raise ValueError(f"not a file of plans, format {_FORMAT}")
    plans = found.get("plans")
    if not isinstance(plans, dict) or not all(map(_well_formed, plans.values())):
        raise ValueError("a plan in it is damaged")
    return plans


def _well_formed(plan: Any) -> bool:
    return (
        isinstance(plan, dict)
        and plan.get("way") in WAYS
        and all(isinstance(plan.get(part), dict) for part in ("us", "reasons", "setting"))
        and all(isinstance(us, int | float) for us in plan["us"].values())
    )

"""What was chosen, on disk: by model, bucket, GPU and versions; a damaged file is set aside."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
import threading
from collections.abc import Hashable, Iterator
from dataclasses import asdict
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from livedraft.errors import ConfigError
from livedraft.files import read, replacing
from livedraft.version import __version__

from .choice import WAYS, Choice

logger = logging.getLogger("livedraft.execution")

_FORMAT = 1
_MOST_BYTES = 64 * 2**20  # of an exported file: some thousand plans
_CARD = re.compile(r"(device\(type='\w+'), index=\d+")  # which of several cards it was


class PlanStore:
    """Choices in a folder, a file each: servers that write at once lose nothing of each other's.

    Choices of another GPU or of other versions are kept, and not used. A file holds figures and
    words only: nothing that is run. A folder that cannot be written to keeps nobody from serving.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._told = False

    def get(self, name: str, bucket: Hashable, device: torch.device) -> Choice | None:
        """Return what was chosen for a bucket on this kind of device, with these versions."""
        path = self._folder / f"{_key(_plan(name, bucket, device))}.json"
        found = self._read(path) if path.exists() else None
        return None if found is None else Choice(found["way"], found["us"], found["reasons"])

    def put(self, name: str, bucket: Hashable, device: torch.device, choice: Choice) -> None:
        """Keep a choice, whole or not at all; where that cannot be, say so once."""
        try:
            self._write(_plan(name, bucket, device) | asdict(choice))
        except OSError as error:
            if not self._told:
                logger.warning("plans are not kept in %s: %s", self._folder, error)
            self._told = True

    def plans(self) -> list[dict[str, Any]]:
        """Return all that is kept: name, bucket, setting, way, us, reasons, and whether it is here.

        ``here``: of this machine's kind and versions.
        """
        own = [setting(torch.device(kind)) for kind in ("cpu", "cuda")]
        found = filter(None, map(self._read, self._files()))
        made = [plan | {"here": plan["setting"] in own} for plan in found]
        return sorted(made, key=lambda plan: (plan["name"], plan["bucket"]))

    def export(self, path: Path) -> int:
        """Write all choices to a file for other machines; return how many."""
        plans = list(filter(None, map(self._read, self._files())))
        with replacing(path) as part:
            part.write_text(json.dumps({"format": _FORMAT, "plans": plans}, indent=1), "utf-8")
        return len(plans)

    def take_in(self, path: Path) -> tuple[int, int]:
        """Add the choices of an exported file; return how many are new, how many of these are here.

        Own choices stay as they are. Raises ConfigError where the file is not one of plans, or the
        folder cannot be written to.
        """
        try:
            plans = _checked(json.loads(read(path, _MOST_BYTES)), "plans")
            if not isinstance(plans, list) or not all(map(_well_formed, plans)):
                raise ValueError("a plan in it is damaged")
        except (OSError, ValueError, RecursionError) as damaged:
            raise ConfigError(
                f"{path.name} holds no plans: {damaged}", fix="export it anew where they were made"
            ) from damaged
        new = [plan for plan in plans if not (self._folder / f"{_key(plan)}.json").exists()]
        try:
            for plan in new:
                self._write({part: plan[part] for part in _PARTS})
        except OSError as error:
            raise ConfigError(
                f"plans cannot be kept in {self._folder}: {error.strerror or error}",
                fix="name a folder that can be written to: cache, LIVEDRAFT_CACHE",
            ) from error
        own = [setting(torch.device(kind)) for kind in ("cpu", "cuda")]
        return len(new), sum(plan["setting"] in own for plan in new)

    def clear(self, name: str = "") -> int:
        """Forget all choices, or those of a name; return how many. Raises ConfigError."""
        gone = 0
        for path in self._files():
            found = self._read(path)
            if found is not None and (not name or _model(found["name"]) == name):
                _unlink(path)
                gone += 1
        for path in self._folder.glob("*.damaged") if not name else ():
            _unlink(path)
        return gone

    def _files(self) -> Iterator[Path]:
        yield from sorted(self._folder.glob("*.json"))

    def _read(self, path: Path) -> dict[str, Any] | None:
        """Return the plan of a file; None for a damaged one, which is set aside."""
        try:
            found: dict[str, Any] = _checked(json.loads(path.read_text("utf-8")), "plan")
            if not _well_formed(found):
                raise ValueError("its plan is damaged")
        except FileNotFoundError:
            return None  # another server set it aside
        except (OSError, ValueError, RecursionError) as damaged:
            self._set_aside(path, damaged)
            return None
        return found

    def _set_aside(self, path: Path, damaged: Exception) -> None:
        aside = path.with_suffix(".damaged")
        try:
            path.replace(aside)
        except OSError:
            logger.warning("the plan in %s is not used: %s", path, damaged)
        else:
            logger.warning("the plan in %s is set aside as %s: %s", path, aside.name, damaged)

    def _write(self, plan: dict[str, Any]) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{_key(plan)}.json"
        part = path.with_name(f"{path.name}.{os.getpid()}.{threading.get_ident()}.part")
        try:
            part.write_text(json.dumps({"format": _FORMAT, "plan": plan}, indent=1), "utf-8")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def setting(device: torch.device) -> dict[str, str]:
    """Return what a choice holds for: the kind of device, and the versions."""
    on_gpu = device.type == "cuda" and torch.cuda.is_available()
    return {
        "device": torch.cuda.get_device_name(device) if on_gpu else device.type,
        "torch": torch.__version__,
        "cuda": torch.version.cuda or "",
        "triton": _triton(),
        "livedraft": __version__,
    }


_PARTS = ("name", "bucket", "setting", "way", "us", "reasons")


@cache
def _triton() -> str:
    try:
        return version("triton")
    except PackageNotFoundError:
        return ""


def _plan(name: str, bucket: Hashable, device: torch.device) -> dict[str, Any]:
    return {"name": name, "bucket": _CARD.sub(r"\1", repr(bucket)), "setting": setting(device)}


def _key(plan: dict[str, Any]) -> str:
    told = json.dumps([plan["name"], plan["bucket"], plan["setting"]], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:24]


def _model(name: str) -> str:
    return name.partition(" ")[0]


def _checked(found: Any, part: str) -> Any:
    if not isinstance(found, dict) or found.get("format") != _FORMAT or part not in found:
        raise ValueError(f"not a file of plans, format {_FORMAT}")
    return found[part]


def _well_formed(plan: Any) -> bool:
    return (
        isinstance(plan, dict)
        and plan.get("way") in WAYS
        and all(isinstance(plan.get(part), str) for part in ("name", "bucket"))
        and all(isinstance(plan.get(part), dict) for part in ("us", "reasons", "setting"))
        and all(
            isinstance(us, int | float) and not isinstance(us, bool) for us in plan["us"].values()
        )
        and all(isinstance(text, str) for text in plan["reasons"].values())
    )


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise ConfigError(
            f"cannot remove {path}: {error.strerror or error}", fix="see who owns the folder"
        ) from error

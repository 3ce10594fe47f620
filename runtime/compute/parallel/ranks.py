"""A network whose calls are made by ranks: processes that each have all of it, on their devices.

The process that serves is none of them. So no rank's end and no collective that waits for one can
hold it: a line that breaks is seen at once.
"""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import weakref
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any

import torch

from livedraft.errors import ModelFailed, WeightsError

from ..adapters.fit import Fitted
from ..adapters.slots import Row
from .shares import CALL, FAILED, PUT, TAKE, Spec, joined, packed, parted, share, unpacked

log = logging.getLogger(__name__)

_RANK = f"{__package__}.rank"  # is run and not imported, so that it is there once
_FIX = "start the server again; its log tells more, and --parallel may ask for too much"


class Ranks:
    """Called as the network itself is; raises ModelFailed from the moment a rank has ended."""

    worn: Sequence[Row]  # the LoRAs of each row of the calls that come; none: no row has any

    def __init__(self, spec: Spec) -> None:
        """Start the ranks, and wait until each has loaded; raise WeightsError where one cannot."""
        self._spec = spec
        self.worn = ()
        self.ended = ""  # why, if they have
        meeting = os.memfd_create("ranks")  # in no folder: nothing of it is left, whatever ends
        try:
            started = [_started(meeting) for _ in spec.devices]
        finally:
            os.close(meeting)
        self.processes = [process for process, _ in started]
        self._lines = [line for _, line in started]
        self._close = weakref.finalize(self, _close, self.processes, self._lines)
        try:
            for number, line in enumerate(self._lines):
                self._send(line, (spec, number))
            self._answers(self._lines)
        except ModelFailed as error:
            self.close()
            raise WeightsError(
                f"{spec.network} cannot be loaded by its ranks: {error.message}", fix=_FIX
            ) from error

    def __call__(self, **given: Any) -> tuple[Any]:
        """Return what the network makes, a share of the rows by each group of ranks."""
        return self.several([given])[0]

    def several(self, calls: Sequence[Mapping[str, Any]]) -> list[tuple[Any]]:
        """Return what the network makes of calls: each by a group, or of one a share by each.

        A group of several stages gets its share in parts, so that all stages have one at work.
        """
        if self.ended:
            raise ModelFailed(self.ended, fix=_FIX)
        spec = self._spec
        shared = _shared([len(given[spec.latents]) for given in calls], spec.rows, spec.stages)
        asked: list[Connection] = []
        for number, of in enumerate(shared):
            shares = [self._part(calls[call], span) for call, span in of]
            for line in self._lines[number * spec.group : (number + 1) * spec.group]:
                self._send(line, (CALL, shares))
                asked.append(line)
        answers = self._answers(asked)[spec.leader :: spec.group]
        made: list[list[Any]] = [[] for _ in calls]
        for of, parts in zip(shared, answers, strict=True):
            for (call, _), part in zip(of, parts, strict=True):
                made[call].append(unpacked(part, _device(calls[call][spec.latents])))
        return [(joined(parts),) for parts in made]

    def _part(self, given: Mapping[str, Any], of: slice) -> tuple[Any, Sequence[Row]]:
        spec, count = self._spec, len(given[self._spec.latents])
        worn = self.worn if len(self.worn) in (0, 1) else self.worn[of]
        return packed(share(given, count, of, spec.shared, spec.axes)), worn

    def put(self, name: str, fitted: Fitted) -> None:
        """Have every rank know a LoRA by a name; raise ModelFailed where one cannot."""
        self._tell(PUT, name, fitted.rank, packed(fitted.pairs))

    def take(self, name: str) -> None:
        """Have ranks know a LoRA no more, where they do."""
        self._tell(TAKE, name)

    def close(self) -> None:
        """End the ranks; may be called again."""
        self.ended = self.ended or "the ranks of the model were ended"
        self._close()

    def _tell(self, *message: Any) -> None:
        if self.ended:
            raise ModelFailed(self.ended, fix=_FIX)
        for line in self._lines:
            self._send(line, message)
        self._answers(self._lines, waiting=False)

    def _send(self, line: Connection, message: Any) -> None:
        try:
            line.send(message)
        except OSError:
            raise self._fallen(line) from None

    def _answers(self, lines: Sequence[Connection], waiting: bool = True) -> list[Any]:
        """Return what each line answers; raise ModelFailed for one that fails or breaks.

        ``waiting``: whether ranks of a group wait for each other before they answer.
        """
        found: dict[Connection, Any] = {}
        failed = ""
        while waits := [line for line in lines if line not in found]:
            for line in wait(waits):
                assert isinstance(line, Connection)
                try:
                    kind, found[line] = line.recv()
                except (EOFError, OSError):
                    raise self._fallen(line) from None
                if kind == FAILED:
                    failed = failed or str(found[line])
                    if (
                        waiting and self._spec.group > 1
                    ):  # the others of its group may wait for it for ever
                        raise self._ends(f"a rank of the model failed: {failed}")
        if failed:
            raise ModelFailed(f"a rank of the model failed: {failed}", fix=_FIX)
        return [found[line] for line in lines]

    def _fallen(self, line: Connection) -> ModelFailed:
        number = self._lines.index(line)
        return self._ends(f"rank {number} of the model, on {self._spec.devices[number]}, has ended")

    def _ends(self, why: str) -> ModelFailed:
        log.error("%s: the others are ended, too", why)
        self.ended = why
        self.close()
        return ModelFailed(why, fix=_FIX)


def _shared(rows: Sequence[int], groups: int, stages: int) -> list[list[tuple[int, slice]]]:
    """Return which rows of which calls each group makes, in parts; groups without any are left."""
    if len(rows) == 1:
        whole = [[(0, of)] for of in parted(rows[0], groups)]
    else:
        every = [(call, slice(0, count)) for call, count in enumerate(rows)]
        whole = [every[group::groups] for group in range(min(groups, len(rows)))]
    return [
        [
            (call, slice(of.start + part.start, of.start + part.stop))
            for call, of in group
            for part in parted(of.stop - of.start, stages)
        ]
        for group in whole
    ]


def _device(latents: Any) -> torch.device:
    found: torch.device = (latents[0] if isinstance(latents, list) else latents).device
    return found


def _started(meeting: int) -> tuple[subprocess.Popen[bytes], Connection]:
    ours, theirs = socket.socketpair()
    # Their meeting is of this machine; a network's interface may be none that leads here.
    env = {"GLOO_SOCKET_IFNAME": "lo"}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", _RANK, str(theirs.fileno()), str(meeting)],
            pass_fds=[theirs.fileno(), meeting],
            env=env | os.environ,
        )
    return process, Connection(ours.detach())


def _close(processes: Sequence[subprocess.Popen[bytes]], lines: Sequence[Connection]) -> None:
    for line in lines:
        line.close()
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()

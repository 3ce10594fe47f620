"""A network whose calls are made by ranks: processes that each have all of it, on their devices.

The process that serves is none of them. So no rank's end and no collective that waits for one can
hold it: a line that breaks is seen at once.
"""

from __future__ import annotations

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import weakref
from collections.abc import Sequence
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from livedraft.errors import ModelFailed, WeightsError

from .shares import FAILED, Spec, joined, packed, split, unpacked

log = logging.getLogger(__name__)

_RANK = f"{__package__}.rank"  # is run and not imported, so that it is there once
_FIX = "start the server again; its log tells more, and --parallel may ask for too much"


class Ranks:
    """Called as the network itself is; raises ModelFailed from the moment a rank has ended."""

    def __init__(self, spec: Spec) -> None:
        """Start the ranks, and wait until each has loaded; raise WeightsError where one cannot."""
        self._spec = spec
        self._ended = ""
        self._folder = tempfile.mkdtemp(prefix="livedraft-ranks-")
        started = [_started(number) for number in range(len(spec.devices))]
        self.processes = [process for process, _ in started]
        self._lines = [line for _, line in started]
        self._close = weakref.finalize(self, _close, self.processes, self._lines, self._folder)
        meeting = Path(self._folder) / "ranks"
        try:
            for number, line in enumerate(self._lines):
                self._send(line, (spec, number, meeting))
            self._answers(self._lines)
        except ModelFailed as error:
            self.close()
            raise WeightsError(
                f"{spec.network} cannot be loaded by its ranks: {error.message}", fix=_FIX
            ) from error

    def __call__(self, **given: Any) -> tuple[Any]:
        """Return what the network makes, a share of the rows by each group of ranks."""
        if self._ended:
            raise ModelFailed(self._ended, fix=_FIX)
        spec, latents = self._spec, given[self._spec.latents]
        shares = split(given, len(latents), spec.rows, spec.shared, spec.axes)
        asked: list[Connection] = []
        for number, share in enumerate(shares):
            message = packed(share)
            for line in self._lines[number * spec.group : (number + 1) * spec.group]:
                self._send(line, message)
                asked.append(line)
        made = self._answers(asked)[:: spec.group]
        device = (latents[0] if isinstance(latents, list) else latents).device
        return (joined([unpacked(each, device) for each in made]),)

    def close(self) -> None:
        """End the ranks; may be called again."""
        self._ended = self._ended or "the ranks of the model were ended"
        self._close()

    def _send(self, line: Connection, message: Any) -> None:
        try:
            line.send(message)
        except OSError:
            raise self._fallen(line) from None

    def _answers(self, lines: Sequence[Connection]) -> list[Any]:
        """Return what each line answers; raise ModelFailed for one that fails or breaks."""
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
                    if self._spec.group > 1:  # the others of its group may wait for it for ever
                        raise self._ends(f"a rank of the model failed: {failed}")
        if failed:
            raise ModelFailed(f"a rank of the model failed: {failed}", fix=_FIX)
        return [found[line] for line in lines]

    def _fallen(self, line: Connection) -> ModelFailed:
        number = self._lines.index(line)
        return self._ends(f"rank {number} of the model, on {self._spec.devices[number]}, has ended")

    def _ends(self, why: str) -> ModelFailed:
        log.error("%s: the others are ended, too", why)
        self._ended = why
        self.close()
        return ModelFailed(why, fix=_FIX)


def _started(number: int) -> tuple[subprocess.Popen[bytes], Connection]:
    ours, theirs = socket.socketpair()
    # Their meeting is of this machine; a network's interface may be none that leads here.
    env = {"GLOO_SOCKET_IFNAME": "lo"} if sys.platform == "linux" else {}
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", _RANK, str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=env | os.environ,
        )
    return process, Connection(ours.detach())


def _close(
    processes: Sequence[subprocess.Popen[bytes]], lines: Sequence[Connection], folder: str
) -> None:
    for line in lines:
        line.close()
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
    shutil.rmtree(folder, ignore_errors=True)

"""SVOX Pico by ``py-nanotts``, in processes of their own: some texts have it hang for ever."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from livedraft.errors import MissingExtraError, ModelFailed

from .voices import Manner, Speech

RATE = 16_000  # Hz
PATIENCE_S = 5.0  # that a sentence may take; it takes 50 ms on a core that is free
_MOST_IDLE = 2  # processes that are kept for the next sentence; each is some 14 MB

# It reads memory before it writes there, which is heard as faint noise: with glibc all that is new
# holds the same, so that a text is spoken the same every time.
_FILLED = {"MALLOC_PERTURB_": "255"}
_CHILD = Path(__file__).with_name("pico_process.py")


def speak(text: str, manner: Manner) -> Iterator[Speech]:
    """Speak a sentence in one of Pico's voices.

    Raises MissingExtraError without py-nanotts, ModelFailed for what it cannot speak.
    """
    yield _PROCESSES.speak(text, manner)


class Processes:
    """Pico's processes: one a sentence under way, kept for the next."""

    def __init__(self, patience_s: float = PATIENCE_S) -> None:
        self._patience_s = patience_s
        self._idle: list[_Process] = []
        self._lock = threading.Lock()

    def speak(self, text: str, manner: Manner) -> Speech:
        """Return a sentence's sound; raise ModelFailed for what is no speech in time."""
        with self._lock:
            process = self._idle.pop() if self._idle else None
        if process is None:
            process = _Process()
        try:
            spoken = process.speak(text, manner, self._patience_s)
        except ModelFailed:
            process.end()
            raise
        with self._lock:
            kept = len(self._idle) < _MOST_IDLE
            if kept:
                self._idle.append(process)
        if not kept:
            process.end()
        return spoken

    def close(self) -> None:
        """End those that are idle."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.end()


class _Process:
    """One process, that speaks a sentence at a time."""

    def __init__(self) -> None:
        if find_spec("py_nanotts") is None:
            raise MissingExtraError("head", "speaking text")
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(_CHILD)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | _FILLED,
        )
        self._to = cast(BinaryIO, self._process.stdin)
        self._from = cast(BinaryIO, self._process.stdout)
        self._from.read(1)  # it has begun: from now on its time counts

    def speak(self, text: str, manner: Manner, patience_s: float) -> Speech:
        asked: dict[str, str | float] = {"text": text, "voice": manner.voice}
        if manner.speed != 1:  # asked for as it is, it comes with silence before it, and noise
            asked["speed"] = manner.speed
        if manner.pitch != 1:
            asked["pitch"] = manner.pitch
        timer = threading.Timer(patience_s, self._process.kill)  # then nothing is left to read
        timer.daemon = True
        timer.start()
        try:
            self._to.write(json.dumps(asked).encode() + b"\n")
            self._to.flush()
            count = int.from_bytes(self._from.read(4), "little")
            data = self._from.read(count)
        except OSError:
            count, data = 0, b""
        finally:
            timer.cancel()
        if not count or len(data) != count:
            raise ModelFailed(
                f"the voice cannot speak {text[:60]!r}", fix="write it in other words"
            )
        return Speech(np.frombuffer(data, np.int16), RATE)

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._to.close()
        self._from.close()


_PROCESSES = Processes()
atexit.register(_PROCESSES.close)

"""What others hear: headaudio (npm) and pylipsync (PyPI), at their best.

Each has classes of its own, so that each is judged by what *it* calls right: the phones' classes in
its own documentation. And each may be late: the best of several delays counts.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..data import CACHE
from ..data.clips import RATE, Segment
from ..labels import ROWS

Rows = NDArray[np.int64]
Samples = NDArray[np.float32]

HEADAUDIO = "@met4citizen/headaudio@0.1.0"  # MIT

_HEADAUDIO = {  # by the table in its README, in ARPAbet
    "aa": "AA AE AY AW",
    "E": "EH EY AH ER AXR",
    "I": "IY IH",
    "O": "AO OW OY",
    "U": "UW UH",
    "PP": "P B M",
    "SS": "S Z SH ZH HH",
    "TH": "TH DH",
    "DD": "T D",
    "FF": "F V",
    "kk": "K G",
    "nn": "N NG",
    "RR": "R L Y W",
    "CH": "CH JH",
    "sil": "SIL",
}
_PYLIPSYNC = {  # it hears vowels and silence, and is judged on those alone
    "aa": "AA AE AH AY AW",
    "ee": "EH EY",
    "ih": "IY IH",
    "oh": "AO OW OY",
    "ou": "UW UH W",
    "silence": "SIL",
}
_DELAYS = range(-6, 13)  # rows


@dataclass(frozen=True)
class Peer:
    """Another library's ear."""

    classes: dict[str, str]  # phones
    hear: Callable[[Samples], Rows]  # indices of classes, a row a 10 ms

    def labels(self, segments: Sequence[Segment], count: int) -> Rows:
        """Return its own class of each row (count,), or -1 where it has none."""
        index = {
            phone: number
            for number, phones in enumerate(self.classes.values())
            for phone in phones.split()
        }
        rows = np.full(count, index["SIL"], np.int64)
        for phone, start, end in segments:
            plain = phone.upper().strip("+<>012")
            silent = plain in ("SPN", "NSN", "SP")
            found = index["SIL"] if silent else index.get(plain, -1)
            rows[round(start * ROWS) : round(end * ROWS)] = found
        return rows


def accuracy(pairs: Sequence[tuple[Rows, Rows]]) -> float:
    """Return the share of rows (heard, label) that are right, at the delay that suits it best."""
    best = 0.0
    for delay in _DELAYS:
        right = count = 0
        for heard, label in pairs:
            moved = np.roll(heard, -delay)
            known = label >= 0
            right += int((moved == label)[known].sum())
            count += int(known.sum())
        best = max(best, right / max(count, 1))
    return best


def headaudio(cache: Path = CACHE) -> Peer:
    """Return headaudio: fetched from npm into the cache, and run by Node."""
    folder = cache / "headaudio"
    if not (folder / "package").exists():
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", HEADAUDIO], cwd=folder, check=True, capture_output=True)
        (archive,) = folder.glob("*.tgz")
        subprocess.run(["tar", "xzf", archive.name], cwd=folder, check=True)
    names = "aa E I O U PP SS TH DD FF kk nn RR CH sil".split()  # by its numbers
    order = [list(_HEADAUDIO).index(name) for name in names]
    command = ["node", str(Path(__file__).with_name("headaudio.mjs")), str(folder / "package")]

    def hear(samples: Samples) -> Rows:
        data = samples.astype("<f4").tobytes()
        done = subprocess.run(command, input=data, capture_output=True, check=True)
        rows = np.full(len(samples) * ROWS // RATE, order[-1], np.int64)
        for middle, lasts, viseme in json.loads(done.stdout):
            first = round((middle - lasts / 4) * ROWS)  # windows overlap by half
            rows[max(0, first) : round((middle + lasts / 4) * ROWS)] = order[viseme]
        return rows

    return Peer(_HEADAUDIO, hear)


def pylipsync(_: Path = CACHE) -> Peer:
    """Return pylipsync 0.2.1, which needs librosa."""
    # Never a dependency: it holds numpy below what everything else here uses.
    analyzer = import_module("pylipsync").PhonemeAnalyzer()
    names = list(_PYLIPSYNC)

    def hear(samples: Samples) -> Rows:
        rows = np.full(len(samples) * ROWS // RATE, names.index("silence"), np.int64)
        for segment in analyzer.extract_phoneme_segments(samples, RATE, fps=100):
            best = segment.dominant_phoneme
            name = best.name if best.target > 0 and best.name in names else "silence"
            first, last = (round(at * ROWS / RATE) for at in (segment.start, segment.end))
            rows[first:last] = names.index(name)
        return rows

    return Peer(_PYLIPSYNC, hear)


PEERS = {"headaudio": headaudio, "pylipsync": pylipsync}

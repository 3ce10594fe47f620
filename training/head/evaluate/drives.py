"""What may move a mouth: ours, and what it must be better than.

Each takes a recording and gives the mouth of each of its frames, (frames, 6), as
``visemes.CONTROLS`` says.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from livedraft.runtime.models.head.audio import AudioEncoder, MouthTrack
from livedraft.runtime.models.head.visemes import CONTROLS

from ..data.clips import RATE
from ..data.phones import INDEX
from ..labels import control_rows
from .meter import FPS
from .peers import PEERS
from .recordings import Recording
from .reference import HZ, mouths

Mouths = NDArray[np.float32]
Drive = Callable[[Recording], Mouths]

_CHUNK = RATE // FPS  # samples: as they come in a session
_SEED = 0
_LATE_S = 0.12
# pylipsync's names of what it hears, as visemes.
_NAMES = {"ee": "E", "ih": "I", "oh": "O", "ou": "U", "silence": "sil"}
_OPEN = CONTROLS.index("open")


def frames(recording: Recording) -> int:
    """Return how many frames a recording has."""
    return len(recording.samples) * FPS // RATE


def ours(recording: Recording) -> Mouths:
    """Hear it as a session does, in pieces of 40 ms."""
    return _heard(recording, 0.0)


def late(recording: Recording) -> Mouths:
    """The same 120 ms too late: what a meter of lip-sync must see."""
    return _heard(recording, _LATE_S)


def phonemes(recording: Recording) -> Mouths:
    """The phones' own times: as well as anybody can do who only sees one frame in 40 ms."""
    rows = mouths(recording.segments, int(recording.seconds * HZ) + 1)
    return _at_frames(rows, recording)


def energy(recording: Recording) -> Mouths:
    """Open by how loud it is, as most avatars do."""
    sound = recording.samples[: len(recording.samples) // _CHUNK * _CHUNK].astype(np.float32)
    loud = np.sqrt(np.square(sound.reshape(-1, _CHUNK)).mean(axis=1))
    found = np.zeros((frames(recording), 6), np.float32)
    found[:, _OPEN] = np.clip(loud / max(1.0, float(np.percentile(loud, 95))), 0, 1)
    return found


def shuffled(recording: Recording) -> Mouths:
    """Ours, half a recording later: all of it is a mouth that speaks, of something else."""
    found = ours(recording)
    return np.roll(found, len(found) // 2, axis=0)


def random(recording: Recording) -> Mouths:
    """Opens and shuts by chance, at the pace of syllables."""
    chance = np.random.default_rng(_SEED)
    count = frames(recording)
    beats = chance.uniform(0, 1, count // 3 + 3)  # one in 120 ms
    found = np.zeros((count, 6), np.float32)
    found[:, _OPEN] = np.interp(np.arange(count) / 3, np.arange(len(beats)), beats)
    return found


def of_peer(name: str) -> Drive:
    """Return what another library hears, blended as the phones' own visemes are; see `peers`."""
    peer = PEERS[name]()
    classes = [INDEX[_NAMES[each] if each in _NAMES else each] for each in peer.classes]

    def drive(recording: Recording) -> Mouths:
        samples = recording.samples.astype(np.float32) / np.float32(32768)
        return _at_frames(control_rows(np.array(classes)[peer.hear(samples)]), recording)

    return drive


DRIVES: dict[str, Drive] = {
    "phonemes": phonemes,
    "ours": ours,
    "energy": energy,
    "late": late,
    "shuffled": shuffled,
    "random": random,
}


def _heard(recording: Recording, late_s: float) -> Mouths:
    encoder, track = AudioEncoder(RATE), MouthTrack()
    silence = np.zeros(RATE // 2, np.float32)  # what is ahead of the last frame, too
    samples = np.concatenate([recording.samples.astype(np.float32) / np.float32(32768), silence])
    pieces = (samples[start : start + _CHUNK] for start in range(0, len(samples), _CHUNK))
    found = np.zeros((frames(recording), 6), np.float32)
    for at in range(len(found)):
        time_us = ((at + 0.5) / FPS - late_s) * 1e6
        while track.known_us < time_us:
            track.push(encoder.push(next(pieces)))
        found[at] = track.at(time_us)
    return found


def _at_frames(rows: NDArray[np.float32], recording: Recording) -> Mouths:
    at = (np.arange(frames(recording)) + 0.5) / FPS * HZ - 0.5
    columns = [np.interp(at, np.arange(len(rows)), rows[:, column]) for column in range(6)]
    return np.stack(columns, axis=1).astype(np.float32)

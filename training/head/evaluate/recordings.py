"""Recorded speech that nothing here is trained or tuned on, with the times of its phones.

Sentences of LibriVox (public domain) and prompts that Allison Smith recorded for Asterisk
(CC BY-SA 3.0), both from Debian's packages; they are measured with, and are in no file of ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from ..data.align import Aligner
from ..data.clips import RATE, Segment

LIBRIVOX = Path("/usr/share/pocketsphinx/test/data/librivox")
PROMPTS = Path("/usr/share/asterisk/sounds/en_US_f_Allison")
PACKAGES = "pocketsphinx-testdata asterisk-core-sounds-en-g722"  # Debian's

_BOOK = "sense_and_sensibility_01_austen_64kb-"
_READ = {
    "0870": "and mister john dashwood had then leisure to consider how much there might be "
    "prudently in his power to do for them",
    "0880": "he was not an ill disposed young man",
    "0890": "unless to be rather cold hearted and rather selfish is to be ill disposed",
    "0920": "had he married a more a amiable woman he might have been made still more respectable "
    "than he was",
    "0930": "he might even have been made amiable himself",
}
_SPOKEN = {
    "agent-alreadyon": "that agent is already logged on please enter your agent number followed "
    "by the pound key",
    "auth-incorrect": "password incorrect please enter your password followed by the pound key",
    "confbridge-pin": "please enter your personal identification number followed by the pound or "
    "hash key",
    "confbridge-pin-bad": "you have entered too many invalid personal identification numbers",
    "queue-youarenext": "your call is now first in line and will be answered by the next "
    "available representative",
    "ss-noservice": "the number you have dialed is not in service please check the number and "
    "try again",
    "vm-invalid-password": "that password does not meet the minimum requirements for this mailbox "
    "please try again",
    "vm-nobox": "you cannot reply to this message because the sender does not have a mailbox",
    "vm-rec-unv": "after the tone say your unavailable message and then press the pound key",
    "vm-saveoper": "press one to accept this recording otherwise please continue to hold",
    "vm-tempgreeting2": "press one to record your temporary greeting or press two to erase your "
    "temporary greeting",
}


@dataclass(frozen=True)
class Recording:
    """One sentence or a few, as somebody spoke them."""

    name: str
    samples: NDArray[np.int16]  # (n,) at RATE
    segments: list[Segment]  # phones in ARPAbet, with their times

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / RATE


def recordings() -> Iterator[Recording]:
    """Yield all; raise FileNotFoundError where their packages are not installed."""
    aligner = Aligner()
    for path, text in _sources():
        if not path.exists():
            raise FileNotFoundError(f"{path} is missing: apt-get install {PACKAGES}")
        samples = read(path)
        yield Recording(path.stem, samples, aligner.align(samples, text.split()))


def read(path: Path) -> NDArray[np.int16]:
    """Return a file's sound, (n,) at RATE, of whatever rate and codec it is."""
    resampler = av.AudioResampler("s16", "mono", RATE)
    parts: list[NDArray[np.int16]] = []
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            frame.pts = None
            parts += [each.to_ndarray()[0] for each in resampler.resample(frame)]
    parts += [each.to_ndarray()[0] for each in resampler.resample(None)]
    return np.concatenate(parts)


def _sources() -> Iterator[tuple[Path, str]]:
    for number, text in _READ.items():
        yield LIBRIVOX / f"{_BOOK}{number}.wav", text
    for name, text in _SPOKEN.items():
        yield PROMPTS / f"{name}.g722", text

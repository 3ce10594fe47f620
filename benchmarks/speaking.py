"""Some speech, a photograph to speak it, and the film that the model makes of them by no clock."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image
from skimage import data

from livedraft.media.chunks import AudioChunk, VideoChunk
from livedraft.media.codecs import Resampler
from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.head.model import Head
from livedraft.runtime.models.head.params import HeadParams
from livedraft.runtime.models.head.speech.pico import speak
from livedraft.runtime.models.head.speech.voices import Manner

from .lip_sync import Film
from .talking import RATE, Sound

TEXT = "Our mama and papa may keep both maps by the big open barn, before people move them."
_TICK = RATE // 25
_LOUD = 1000  # of 32768
_MORE = 25  # ticks after the speech


def spoken() -> Sound:
    """Return some speech without silence before it: it begins with an open vowel."""
    resampler = Resampler(RATE, 1)
    chunks: list[AudioChunk] = []
    for speech in speak(TEXT, Manner()):
        chunks += resampler.push(AudioChunk(speech.samples[:, None], speech.rate, 0))
    sound = np.concatenate([chunk.pcm[:, 0] for chunk in [*chunks, *resampler.flush()]])
    loud = np.nonzero(np.abs(sound.astype(np.int32)) > _LOUD)[0]
    return sound[loud[0] : loud[-1]]


def portrait() -> bytes:
    """Return a photograph, a JPEG."""
    file = io.BytesIO()
    Image.fromarray(data.astronaut()).save(file, "jpeg", quality=92)
    return file.getvalue()


def made(sound: Sound) -> Film:
    """Return the frames and the sound of a speech as the model makes them, by no clock."""
    model = Head.tiny()  # without threads: the portrait is there at once
    state, params = model.open(), HeadParams(consent=True)
    audio = {"speech": [AudioChunk(sound[:, None], RATE, 0)]}
    asked = Request(params, {"portrait": data.astronaut()}, Stage.DRAFT, 1, audio=audio)
    (job,) = model.prepare([(state, asked)])
    frames, heard = [], []
    for _ in range(len(sound) // _TICK + _MORE):
        model.step([job])
        for output in model.emit([job])[0]:
            if isinstance(output, VideoChunk):
                frames.append((output.pts / 1e6, output.frames[0]))
            elif isinstance(output, AudioChunk):
                heard.append(output.pcm[:, 0])
    model.close(state)
    at = [each for each, _ in frames]
    played = np.concatenate(heard).astype(np.float32) / np.float32(32768)
    return Film(at, [frame for _, frame in frames], at[0], played)

"""Speak sentences with every voice: `python -m training.head.data`.

Writes a file a sentence to the cache and leaves those that are there, so that it may be stopped
and run again. Engines are installed beforehand (README.md); `--voices` names some of them.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from tqdm import tqdm

from . import CACHE
from .align import NotAlignedError
from .clips import RATE, Clip
from .sentences import sentences
from .voices import VOICES, Speaker, Voice


def main() -> None:
    """Parse the command line and speak what is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--voices", nargs="+", choices=VOICES, default=tuple(VOICES))
    parser.add_argument("--minutes", type=float, help="of speech a voice; by default its own")
    options = parser.parse_args()
    for name in options.voices:
        voice = VOICES[name]
        speak(options.cache / "clips" / name, voice, 60 * (options.minutes or voice.minutes))


def speak(folder: Path, voice: Voice, seconds: float) -> None:
    """Speak sentence after sentence into a folder, until it holds so many seconds of speech."""
    engine: Speaker | None = None
    # Voices begin at different sentences, so that a sentence is not learned from all of them.
    lines = sentences(voice.language)
    offset = random.Random(folder.name).randrange(len(lines))
    with tqdm(total=round(seconds), unit="s", desc=folder.name) as progress:
        for number in range(len(lines)):
            if progress.n >= seconds:
                return
            path, skipped = folder / f"{number:05d}.npz", folder / f"{number:05d}.skipped"
            if path.exists():
                progress.update(round(len(Clip.load(path).samples) / RATE))
            elif not skipped.exists():
                engine = engine or voice.open()
                rng = random.Random(f"{folder.name} {number}")
                try:
                    clip = engine.speak(lines[(offset + number) % len(lines)], rng)
                except NotAlignedError:
                    folder.mkdir(parents=True, exist_ok=True)
                    skipped.touch()
                    continue
                clip.save(path)
                progress.update(round(len(clip.samples) / RATE))


if __name__ == "__main__":
    main()

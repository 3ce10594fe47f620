"""``livedraft.restyle``: a clip in another style, with its sound, made here or by a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import av

from livedraft.client import Client
from livedraft.client.filming import filmed as asked
from livedraft.errors import InvalidMedia, InvalidParams
from livedraft.media.chunks import SECOND, VideoChunk
from livedraft.media.codecs import OWN, Growing, MediaInfo, probe, read_video
from livedraft.media.codecs.kinds import kind_of
from livedraft.media.marking import USUAL, Marking
from livedraft.media.marks import CHANGED, KEY
from livedraft.media.streams import ahead
from livedraft.version import __version__

from .clips import filmed, video_input
from .models import MODELS, load_model
from .models.base import Plan
from .models.params import from_text, merge
from .models.restyle.params import mix_of

SIZES = range(16, 1537)  # px, of the longer side
_WHITE = (255, 255, 255)
_WARM = 8  # frames before the first that is written: what keeps a video calm knows them
_MOST_WORDS = 4  # of damage, that are told
_LONG, _LONG_FRAMES = SECOND, 10  # µs, and usual frames, that one stands before it is told

Make: TypeAlias = Callable[[Iterator[VideoChunk]], Iterator[VideoChunk]]


@dataclass(frozen=True, slots=True)
class Restyled:
    """A film that was made of a clip."""

    path: Path
    frames: int  # that were made now
    duration: int  # µs, of the film
    kept: int  # µs of it that earlier runs had made
    messages: tuple[str, ...]  # of what could not be read, and of sound that changed


@dataclass(slots=True)
class _Work:
    """One clip on its way."""

    clip: Path
    output: Path
    size: int
    anew: bool
    info: MediaInfo
    on_progress: Callable[[int, int], None]
    messages: list[str]
    marking: Marking

    def run(self, model: str, params: Mapping[str, Any], make: Make) -> Restyled:
        """Make what is not made yet, and join it all."""
        found = self.clip.stat()
        recipe = self.marking.told(
            {
                "livedraft": __version__,
                "model": model,
                "stage": "final",
                "steps": 1,
                "params": dict(params),
                KEY: CHANGED,
            }
        )
        origin = {
            "bytes": found.st_size,
            "changed": found.st_mtime_ns,
            "size": self.size,
            "codecs": str(av.library_versions["libavcodec"]),
        }
        frames = 0
        rate = float(self.info.frame_rate) or 25.0
        with Growing(
            self.output,
            frame_rate=min(240.0, max(1.0, rate)),
            sound_of=self.clip,
            recipe=recipe,
            origin=origin,
            anew=self.anew,
            on_damage=lambda damage: self._told(damage.message),
        ) as film:
            kept = max(0, film.until)
            whole = self.info.shown or self.info.duration
            self.on_progress(kept, whole)
            start = max(0, kept - round(_WARM * SECOND / rate))
            with closing(ahead(self._read(start))) as seen, closing(ahead(make(seen))) as made:
                end = 0
                for chunk in made:
                    end = chunk.end
                    if chunk.pts <= film.until:
                        continue
                    film.write(chunk)
                    frames += 1
                    self.on_progress(chunk.end, whole)
            film.finish()
        self.marking.sign_film(self.output, recipe)
        return Restyled(self.output, frames, end, kept, tuple(self.messages))

    def _read(self, start: int) -> Iterator[VideoChunk]:
        """Yield the clip; of what a demuxer leaves out without a word, say where nothing is new."""
        usual = SECOND / (float(self.info.frame_rate) or 25.0)
        for chunk in read_video(
            self.clip,
            limits=OWN,
            background=_WHITE,
            within=(self.size, self.size),
            start=start,
            on_damage=lambda damage: self._told(damage.message),
        ):
            yield chunk
            if chunk.duration > max(_LONG, _LONG_FRAMES * usual) * len(chunk):
                self._told(f"its picture stands from {_s(chunk.pts)} to {_s(chunk.end)} s")

    def _told(self, message: str) -> None:
        if message not in self.messages and len(self.messages) < _MOST_WORDS:
            self.messages.append(message)


def restyle(
    clip: str | PathLike[str],
    output: str | PathLike[str],
    *,
    style: str | Mapping[str, float] = "",
    size: int = 512,
    model: str = "restyle",
    device: str = "cpu",
    url: str = "",
    token: str | None = None,
    anew: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
    marking: Marking = USUAL,
    **params: Any,
) -> Restyled:
    """Write a clip in another style, with its sound and its frames' times; return what was made.

    ``style`` is one of the model's, or two with their shares: ``{"pastel": 0.5, "night": 0.5}``.
    ``size`` is the longer side, px; ``params`` are the model's own: strength, colours, steady.
    With ``url`` a server makes it. ``on_progress`` hears how far it is, and how long the clip, µs.
    ``marking`` says whether the film tells what made it, and who signs it.

    What is made lies in parts beside ``output``, which play. If it is broken off, the same call
    goes on from there; ``anew`` forgets them. Of a damaged clip what can be read is made, and
    ``messages`` tell the rest, and where a picture stands long. Raises InvalidMedia,
    InvalidParams, ConfigError, and what a model or a server raises.
    """
    path, to = Path(clip), Path(output)
    kind = kind_of(to)
    if type(size) is not int or size not in SIZES:
        raise InvalidParams(
            f"size: {size!r:.40}", fix=f"give px, from {SIZES.start} to {SIZES.stop - 1}"
        )
    info = probe(path, OWN)
    if not info.video:
        raise InvalidMedia(f"{path} has no video", fix="give a clip that has")
    if to.exists() and to.samefile(path):
        raise InvalidMedia("the film would take the clip's place", fix="choose another name")
    messages: list[str] = []
    if info.sound and info.channels > 2 and info.sound not in kind.kept:
        messages.append(f"its {info.channels} channels of sound became two")
    work = _Work(path, to, size, anew, info, on_progress or (lambda *_: None), messages, marking)
    if url:
        return _by_server(work, url, token, model, params, style)
    chosen = MODELS.load(model)
    video_input(chosen)
    schema = chosen.params.model_json_schema()
    asked_for = params | (mix_of(style) if style else {})
    read = from_text(schema, _unhurried(schema) | asked_for)
    full = merge(chosen.params, None, read)
    loaded = load_model(chosen, "", Plan(device))
    return work.run(model, full.model_dump(mode="json"), partial(filmed, loaded, full))


def _by_server(
    work: _Work,
    url: str,
    token: str | None,
    model: str,
    params: dict[str, Any],
    style: str | Mapping[str, float],
) -> Restyled:
    with ExitStack() as stack:
        client = stack.enter_context(Client(url, token))
        known = next((each for each in client.models() if each.id == model), None)
        schema = known.params_schema if known is not None else {"properties": {}}
        theirs = schema["properties"].get("style", {}).get("enum", ())
        asked_for = params | (mix_of(style, theirs) if style else {})
        read = from_text(schema, _unhurried(schema) | asked_for)
        session = stack.enter_context(client.session(model, **read))
        return work.run(model, session.params, partial(asked, session))


def _s(time: int) -> str:
    return f"{time / SECOND:.1f}"


def _unhurried(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what has every frame made, whole: nobody looks yet."""
    return {"pace": False} if "pace" in schema["properties"] else {}

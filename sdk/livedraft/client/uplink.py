"""Frames and sound as users hold them, to the pieces that go up on a session's tracks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from livedraft.errors import InvalidImage, InvalidMedia, did_you_mean
from livedraft.media.chunks import SECOND, AudioChunk, Still, VideoChunk, microseconds
from livedraft.media.clock import MediaClock, Wall
from livedraft.media.images import encode
from livedraft.media.sources import PictureSource, load
from livedraft.protocol.messages import Track
from livedraft.protocol.tracks import MAX_DURATION_US, MOVING, OPUS, PCM, PICTURES, TEXT

from .lines import Piece, Shot

if TYPE_CHECKING:
    from PIL import Image

    from livedraft.media.codecs import Film, Packets, Resampler

_SOUND_TYPES = ("int16", "float32")
_QUALITY = 85  # of frames
_USUAL_FPS = 30
_PAUSE_US = SECOND // 2  # after which sound without times is taken for that of now
_PART_US = SECOND  # of sound, at most, in one message


class Uplink:
    """The tracks into a session, each with its place in time."""

    def __init__(self, wall: Wall, codecs: Sequence[str] = ()) -> None:
        self._codecs = codecs  # that are wished, best first
        self._clock = MediaClock(wall)  # of what comes without times; the first such starts it
        self._tracks: dict[str, Track] = {}
        self._ends: dict[str, int] = {}  # µs, where the newest piece of each track ends
        self._last: dict[str, int] = {}  # µs, the newest pts of each track
        self._resamplers: dict[str, Resampler] = {}
        self._films: dict[str, Film] = {}  # encoders of this connection's frames
        self._packets: dict[str, Packets] = {}

    def opened(self, tracks: Iterable[Track]) -> None:
        """Take the tracks of a connection or of a model; times go on from where they were."""
        before = self._tracks
        self._tracks = {track["name"]: track for track in tracks if track["way"] == "in"}
        self._films = {}  # the first frame is a key frame
        for made in (self._resamplers, self._packets):  # by what the model before takes
            for name in [name for name in made if self._tracks.get(name) != before[name]]:
                del made[name]

    def key(self, track: str) -> None:
        """Let the next frame of a track be a key frame."""
        if track in self._films:
            self._films[track].key()

    def interrupt(self) -> list[str]:
        """Return the tracks that are taken in order; what is held back of their sound is let go."""
        names = [name for name, track in self._tracks.items() if track["policy"] == "append"]
        for name in names:
            for made in (self._resamplers, self._packets, self._ends):
                made.pop(name, None)
        return names

    def text(self, text: str) -> tuple[Piece, Track]:
        """Return the piece of a text, and its track; raise InvalidMedia where there is none."""
        track = next((each for each in self._tracks.values() if each["kind"] == "text"), None)
        if track is None:
            raise InvalidMedia("the model takes no text", fix="choose one that speaks, as 'head'")
        self._clock.start()
        return self._piece(track, self._clock.now(), 0, TEXT, text.encode()), track

    def track(self, value: Any, name: str = "") -> Track | None:
        """Return the track that a value goes on; None where it goes as a picture in ``input``.

        Raises InvalidMedia where there is none for it.
        """
        kind = _kind(value)
        fitting = {
            each["name"]: each
            for each in self._tracks.values()
            if each["kind"] == kind or (kind == "image" and each["kind"] == "video")
        }
        if kind == "image":
            named = self._tracks.get(name)
            if name and (named is None or named["kind"] == "image"):
                return None  # `input` says what is wrong with it
            if not name and any(each["kind"] == "image" for each in fitting.values()):
                return None
            if not fitting:
                return None
        if not fitting:
            raise InvalidMedia(
                f"the model takes no {kind}", fix="see session.model.inputs for what it takes"
            )
        if name and name not in fitting:
            fix = did_you_mean(name, fitting)
            raise InvalidMedia(f"no {kind} goes on '{name[:40]}'", fix=fix)
        return fitting[name] if name else next(iter(fitting.values()))

    def pieces(self, track: Track, value: Any) -> Sequence[Piece | Shot]:
        """Return the pieces that a value makes; raise InvalidMedia or InvalidImage. It may take ms.

        What has no times goes on where the track ended, as sound does, or now, as frames do.
        """
        if isinstance(value, VideoChunk):
            times = [pts for _, pts in value] + [value.end]
            return [
                self._frame(track, frame, pts, after - pts)
                for (frame, pts), after in zip(value, times[1:], strict=True)
            ]
        if isinstance(value, AudioChunk):
            return self._sound(track, value)
        if _kind(value) == "audio":
            return self._sound(track, self._placed(track, value))
        self._clock.start()
        length = round(SECOND / (track["rate"] or _USUAL_FPS))
        return [self._frame(track, value, self._clock.now(), length)]

    def _frame(self, track: Track, picture: PictureSource, pts: int, duration: int) -> Piece | Shot:
        width, height = track["width"], track["height"]
        image = load(picture, within=(width, height) if width and height else None)
        moving = self._wished(track, MOVING)
        if moving and image.mode == "RGB":
            return self._shot(track, moving, image, pts, duration)
        known = [codec for codec in track["codecs"] if codec in PICTURES]
        wanted = "jpeg" if image.mode == "RGB" else "webp"
        if not known:
            raise InvalidImage(
                f"'{track['name']}' takes no pictures of a type that is known here",
                fix="use a client of the server's version",
            )
        codec = self._wished(track, known) or (wanted if wanted in known else known[0])
        codec = codec if image.mode == "RGB" or codec != "jpeg" else wanted
        data = encode(image, PICTURES[codec], quality=_QUALITY)
        return self._piece(track, pts, duration, codec, data)

    def _wished(self, track: Track, among: Iterable[str]) -> str:
        """Return the first wish that a track takes, of some codecs; empty for none."""
        return next((c for c in self._codecs if c in track["codecs"] and c in among), "")

    def _shot(self, track: Track, codec: str, image: Image.Image, pts: int, duration: int) -> Shot:
        pts, duration = self._place(track, pts, duration)
        pixels = Still.of(image).pixels

        def encode() -> Piece:
            from livedraft.media.codecs import Film

            film = self._films.setdefault(track["name"], Film(codec))
            made = film.encode(pixels, pts, duration)
            return Piece(track["name"], pts, duration, codec, made.data, made.key)

        return Shot(track["name"], pts, duration, encode)

    def _placed(self, track: Track, samples: Any) -> AudioChunk:
        """Return PCM without a time as a chunk that follows on the one before, or on a pause."""
        rate = round(track["rate"])
        if not rate:
            raise InvalidMedia(
                "sound of any rate has to say its own", fix="send AudioChunk(samples, rate, pts)"
            )
        if samples.ndim == 1:
            samples = samples.reshape(-1, 1)
        self._clock.start()
        now = self._clock.now()
        end = self._ends.get(track["name"], now)
        return AudioChunk(samples, rate, end if now - end < _PAUSE_US else now)

    def _sound(self, track: Track, chunk: AudioChunk) -> list[Piece]:
        rate, channels = round(track["rate"]), track["channels"]
        ready = [chunk]
        if chunk.rate != (rate or chunk.rate) or chunk.channels != (channels or chunk.channels):
            ready = self._resampler(track, chunk).push(chunk)
        if self._wished(track, (OPUS, PCM)) == OPUS:
            return self._opus(track, ready)
        made = []
        for each in ready:
            step = max(1, _PART_US * each.rate // SECOND)
            pcm = each.pcm
            for at in range(0, len(each), step):
                part = pcm[at : at + step]
                pts = each.pts + microseconds(at, each.rate)
                length = microseconds(len(part), each.rate)
                data = part.astype("<i2").tobytes()
                made.append(self._piece(track, pts, length, PCM, data, each.rate, each.channels))
        return made

    def _opus(self, track: Track, chunks: Iterable[AudioChunk]) -> list[Piece]:
        from livedraft.media.codecs import Packets

        packets = self._packets.setdefault(track["name"], Packets())
        made = []
        for chunk in chunks:
            rate, channels = round(track["rate"]) or chunk.rate, min(2, chunk.channels)
            for each in packets.push(chunk):
                lasts = each.duration
                made.append(self._piece(track, each.pts, lasts, OPUS, each.data, rate, channels))
        return made

    def _resampler(self, track: Track, chunk: AudioChunk) -> Resampler:
        from livedraft.media.codecs import Resampler  # raises MissingExtraError without PyAV

        made = self._resamplers.get(track["name"])
        if made is None:
            rate, channels = round(track["rate"]), track["channels"]
            made = Resampler(rate or chunk.rate, channels or min(2, chunk.channels))
            self._resamplers[track["name"]] = made
        return made

    def _piece(
        self, track: Track, pts: int, duration: int, codec: str, data: bytes, *sound: int
    ) -> Piece:
        """Return a piece in its place."""
        pts, duration = self._place(track, pts, duration)
        return Piece(track["name"], pts, duration, codec, data, True, *sound)

    def _place(self, track: Track, pts: int, duration: int) -> tuple[int, int]:
        """Return a piece's times, behind those of the one before: on a track they only grow."""
        name = track["name"]
        pts = max(pts, self._last.get(name, -1) + 1)
        self._last[name] = pts
        self._ends[name] = pts + duration
        return pts, min(duration, MAX_DURATION_US)


def _kind(value: Any) -> str:
    if isinstance(value, VideoChunk):
        return "video"
    if isinstance(value, AudioChunk):
        return "audio"
    of_numbers = getattr(value, "ndim", 0) in (1, 2)
    return "audio" if of_numbers and str(value.dtype) in _SOUND_TYPES else "image"

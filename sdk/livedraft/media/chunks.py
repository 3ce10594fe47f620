"""Pictures, video and sound as values: pixels and PCM with their times on a session's media clock.

Times are whole µs since that clock began (see ``clock``). Neither NumPy nor a codec is imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, cast

from livedraft.errors import InvalidImage, InvalidMedia

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image

    Pixels = NDArray[np.uint8]
    Samples = NDArray[np.int16] | NDArray[np.float32]

SECOND = 1_000_000  # µs
RATES = range(1_000, 384_001)  # Hz that sound may have
MOST_CHANNELS = 8  # 7.1


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One picture: uint8 of shape (H, W, 3) or, with straight alpha, (H, W, 4), in sRGB.

    ``file`` is the same as whoever made it wrote it, where that is signed: a PNG, JPEG or WebP.
    Raises InvalidImage for another type or shape.
    """

    pixels: Pixels
    file: bytes = b""

    def __post_init__(self) -> None:
        if not _are_pixels(self.pixels, 3):
            raise InvalidImage(
                f"a still cannot hold {_described(self.pixels)}",
                fix="give uint8 of shape (H, W, 3) or (H, W, 4), in 0..255",
            )

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """Return the still that shows a picture of Pillow's: RGBA where some of it may be clear."""
        import numpy

        mode = "RGBA" if image.has_transparency_data else "RGB"
        return cls(numpy.asarray(image if image.mode == mode else image.convert(mode)))

    @property
    def image(self) -> Image.Image:
        """The same as a picture of Pillow's, RGB or RGBA."""
        from PIL import Image

        return Image.fromarray(self.pixels)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.pixels.shape[1], self.pixels.shape[0]


@dataclass(frozen=True, slots=True, eq=False)
class VideoChunk:
    """Frames in a row, evenly spaced: uint8 of shape (n, H, W, 3) or (n, H, W, 4), in sRGB.

    ``pts`` is when the first is shown and ``duration`` how long they all are, in µs. Video of
    varying rate comes in chunks of one frame. Raises InvalidMedia for another type or shape.
    """

    frames: Pixels
    pts: int
    duration: int

    def __post_init__(self) -> None:
        if not _are_pixels(self.frames, 4):
            raise InvalidMedia(
                f"a video chunk cannot hold {_described(self.frames)}",
                fix="give uint8 of shape (n, H, W, 3) or (n, H, W, 4), in 0..255",
            )
        _check_time(self.pts, "pts")
        _check_time(self.duration, "duration")
        if self.duration < len(self.frames):
            raise InvalidMedia(
                f"{len(self.frames)} frames in {self.duration} µs",
                fix="give the duration of all frames together, in µs",
            )

    def __len__(self) -> int:
        return len(self.frames)

    def __iter__(self) -> Iterator[tuple[Pixels, int]]:
        """Yield each frame with its pts, µs."""
        for number, frame in enumerate(self.frames):
            yield frame, self.pts + number * self.duration // len(self)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in px."""
        return self.frames.shape[2], self.frames.shape[1]

    @property
    def end(self) -> int:
        """When the next chunk is due, µs."""
        return self.pts + self.duration


@dataclass(frozen=True, slots=True, eq=False)
class AudioChunk:
    """PCM: int16, or float32 in -1..1, of shape (n, channels); ``pts`` of the first sample in µs.

    Channels are in the order of WAV: left, right, centre, … Raises InvalidMedia for another type
    or shape.
    """

    samples: Samples
    rate: int  # Hz
    pts: int

    def __post_init__(self) -> None:
        shape: tuple[int, ...] = getattr(self.samples, "shape", ())
        kind = str(getattr(self.samples, "dtype", ""))
        if kind not in ("int16", "float32") or len(shape) != 2 or shape[1] not in _CHANNELS:
            raise InvalidMedia(
                f"an audio chunk cannot hold {_described(self.samples)}",
                fix=f"give int16 or float32 of shape (n, channels), at most {MOST_CHANNELS}",
            )
        if type(self.rate) is not int or self.rate not in RATES:
            raise InvalidMedia(
                f"sound at {self.rate} Hz", fix=f"give {RATES[0]} to {RATES[-1]} Hz, a whole number"
            )
        _check_time(self.pts, "pts")

    def __len__(self) -> int:
        """Samples of each channel."""
        return len(self.samples)

    @property
    def channels(self) -> int:
        """How many there are."""
        return int(self.samples.shape[1])

    @property
    def pcm(self) -> NDArray[np.int16]:
        """The samples as int16; floats beyond -1..1 are clipped, what is no number is silence."""
        held: Any = self.samples
        if str(held.dtype) == "float32":
            import numpy

            held = (held * 32768.0).round().clip(-32768, 32767)
            held = numpy.nan_to_num(held, nan=0.0).astype("int16")
        return cast("NDArray[np.int16]", held)

    @property
    def duration(self) -> int:
        """How long it sounds, in µs, rounded; who adds up many counts samples instead."""
        return microseconds(len(self), self.rate)

    @property
    def end(self) -> int:
        """When the sample after the last is due, µs."""
        return self.pts + self.duration


@dataclass(frozen=True, slots=True)
class TextChunk:
    """Some text of a speaker, from a few letters to a book; an empty one ends what is being said.

    ``pts`` is when it was written, in µs. Raises InvalidMedia for what no encoding carries.
    """

    text: str
    pts: int

    def __post_init__(self) -> None:
        if type(self.text) is not str or not _is_whole(self.text):
            raise InvalidMedia(
                f"a text chunk cannot hold {_described(self.text)}", fix="give whole characters"
            )
        _check_time(self.pts, "pts")

    def __len__(self) -> int:
        """Characters."""
        return len(self.text)

    @property
    def duration(self) -> int:
        """None: how long it takes to say is known to who says it."""
        return 0


Output = Still | VideoChunk | AudioChunk


def microseconds(samples: int, rate: int) -> int:
    """Return how long so many samples sound, in µs, rounded to the nearest: the error stays."""
    return (2 * samples * SECOND + rate) // (2 * rate)


_CHANNELS = range(1, MOST_CHANNELS + 1)


def _are_pixels(array: Any, axes: int) -> bool:
    shape: Any = getattr(array, "shape", ())
    if str(getattr(array, "dtype", "")) != "uint8" or len(shape) != axes:
        return False
    return shape[-1] in (3, 4) and 0 not in shape


def _is_whole(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_time(value: Any, name: str) -> None:
    if type(value) is not int or value < 0:
        raise InvalidMedia(f"{name}: {value!r}", fix="give whole µs since the media clock began")


def _described(array: Any) -> str:
    if not hasattr(array, "dtype"):
        return f"a {type(array).__name__}"
    return f"{array.dtype} of shape {tuple(array.shape)}"

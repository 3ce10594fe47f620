"""What comes down, to pixels and PCM."""

from __future__ import annotations

from typing import Any

from livedraft.errors import InvalidImage, InvalidMedia, MissingExtraError
from livedraft.media.chunks import AudioChunk, Output, Still, VideoChunk
from livedraft.media.images import decode
from livedraft.protocol import messages as wire
from livedraft.protocol.tracks import PCM, PICTURES, family

CODECS = [*PICTURES, PCM]  # that are decoded here, the likeliest first


Notes = tuple[wire.Note, ...]


def data_and_notes(
    message: wire.Frame | wire.Media, data: dict[str, Any], notes: Notes
) -> tuple[dict[str, Any], Notes]:
    """Return data and notes of a message's output.

    Of pieces the first alone tells them: for the others they are ``data`` and ``notes``, those of
    the piece before.
    """
    if isinstance(message, wire.Frame):
        return message.data, tuple(message.notes)
    if message.about or message.notes:
        return message.about, tuple(message.notes)
    return data, notes


def decoded(message: wire.Frame | wire.Media) -> Output:
    """Return what a message carries; raise InvalidMedia if it is damaged, or of another codec."""
    try:
        import numpy
    except ImportError:
        raise MissingExtraError("media", "outputs as arrays") from None
    if isinstance(message, wire.Frame):
        return Still.of(decode(message.image))
    codec = family(message.codec)
    if codec in PICTURES:
        try:
            still = Still.of(decode(message.data))
        except InvalidImage as error:
            raise InvalidMedia(f"{message.track}: {error.message}", fix=error.fix) from None
        if not message.duration:
            return still
        return VideoChunk(still.pixels[numpy.newaxis], message.pts, message.duration)
    if codec != PCM:
        raise InvalidMedia(f"no codec '{codec[:40]}' here", fix="use a client of one version")
    if message.channels < 1 or len(message.data) % (2 * message.channels):
        raise InvalidMedia(f"{message.track}: no whole samples", fix="update the server")
    samples = numpy.frombuffer(message.data, "<i2").reshape(-1, message.channels)
    return AudioChunk(samples.astype(numpy.int16), message.rate, message.pts)

"""What came with a message is decoded and put into force, in the order in which it came."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from livedraft.errors import InvalidImage, InvalidMedia, LivedraftError
from livedraft.media.chunks import AudioChunk, TextChunk, VideoChunk
from livedraft.protocol.messages import Stage

from ..engine.faults import unexpected
from ..models.base import ImageInput, VideoInput
from .account import Phase
from .mailbox import Encoded, Packets, Piece
from .ports import Decode
from .session import Session
from .task import Task
from .use import renamed


async def bring_in(task: Task, decode: Decode) -> LivedraftError | None:
    """Bring what is new for a task into force; return what is wrong with the last damaged one."""
    damaged: LivedraftError | None = None
    undecoded: LivedraftError | None = None
    async with task.session.arriving:
        for name, encoded in list(task.inputs.items()):
            try:
                await _picture(task.session, name, encoded, decode)
            except LivedraftError as error:
                damaged = error  # the picture before it stays in force
            except Exception as error:  # decoders meet bytes that nobody thought of
                damaged = unexpected(error, f"decoding the picture '{name}'")
            del task.inputs[name]
        for name, line in list(task.media.items()):
            try:
                if not await _line(task, name, line, decode):
                    undecoded = _nothing(task, name)
            except LivedraftError as error:
                damaged = error
            except Exception as error:
                damaged = unexpected(error, f"decoding the video '{name}'")
            task.media.pop(name, None)
    return damaged or missing(task) or undecoded


async def _picture(session: Session, name: str, encoded: bytes, decode: Decode) -> None:
    if not encoded:
        session.pixels.pop(name, None)
        return
    pixels = await decode(encoded, _seen(session, name), session)
    pixels.setflags(write=False)  # the session's, whatever a model does with it
    session.pixels[name] = pixels


async def _line(task: Task, name: str, line: list[Piece], decode: Decode) -> bool:
    """Bring in what came on a track; tell whether any of it could be decoded."""
    session, came = task.session, False
    while line:
        piece = line[0]
        chunks: Sequence[VideoChunk | AudioChunk | TextChunk]
        if isinstance(piece, Encoded):
            frame = await decode(piece.data, _seen(session, name), session)
            chunks = [VideoChunk(frame[None], piece.pts, piece.duration)]
        elif isinstance(piece, Packets):
            chunks = await piece.decoder.decode(piece)
        else:
            chunks = [piece]
        if not line:  # an interruption took back what was being decoded
            return True
        del line[0]
        for chunk in chunks:
            came = True
            if isinstance(chunk, VideoChunk):
                chunk.frames.setflags(write=False)
                task.video.setdefault(name, []).append(chunk)
            elif isinstance(chunk, AudioChunk):
                chunk.samples.setflags(write=False)
                task.audio.setdefault(name, []).append(chunk)
            else:
                task.text.setdefault(name, []).append(chunk)
    if came:
        session.received.decoded(name, whole=True)
    return came


def _nothing(task: Task, name: str) -> InvalidMedia | None:
    """Say what to do about a track of which nothing could be decoded: its decoder asks for more.

    Nothing is begun in vain, and nothing is told but to who waits for a final picture.
    """
    spec = next((each for each in task.use.info.inputs if each.name == name), None)
    if spec is None or not spec.required or task.progress is not None:
        return None
    if not task.session.mailbox.awaits(name):  # what came meanwhile may well be whole
        task.session.received.decoded(name, whole=False)
    task.given_up = task.given_up or task.stage is not Stage.FINAL
    return InvalidMedia(f"nothing of '{name}' could be decoded", fix="send a key frame")


def _seen(session: Session, name: str) -> ImageInput | VideoInput:
    """Return what a picture or a frame is for."""
    spec = next(spec for spec in session.info.inputs if spec.name == name)
    if not isinstance(spec, ImageInput | VideoInput):
        raise InvalidMedia(f"'{name}' takes {spec.kind}, not pictures", fix="send that")
    return spec


def missing(task: Task) -> InvalidImage | None:
    """Say which required picture is not there, though one was sent: it was damaged.

    What another model hands over is there as long as it has not done so.
    """
    info = task.use.info
    handed: Iterable[str] = task.handed
    if task.phase is Phase.HAND_OVER:
        handed = task.at.hands
    there = {*renamed(task.session.pixels, task.session.info, info), *handed}
    for spec in info.inputs:
        if spec.kind == "image" and spec.required and spec.name not in there:
            return InvalidImage(f"{info.id} needs a {spec.name}", fix="send a picture")
    return None

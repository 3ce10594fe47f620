"""A clip through a session, frame by frame: no frame is lost, however slow the model is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from livedraft.errors import BadInput, InvalidMedia
from livedraft.media.chunks import VideoChunk

from .blocking import Session


def filmed(session: Session, chunks: Iterable[VideoChunk]) -> Iterator[VideoChunk]:
    """Yield what an open session makes of frames, each at its own time.

    The next frame goes up once the last one came back: of moving pictures a server takes the
    newest alone. Raises what a session raises, and BadInput for a model that makes no video.
    """
    model = session.model
    if all(each.kind != "video" for each in model.outputs):
        raise BadInput(f"{model.id} makes no moving pictures", fix="choose one that does: restyle")
    coming = session.outputs()
    for chunk in chunks:
        session.send(chunk)
        made = next((each for each in coming if isinstance(each, VideoChunk)), None)
        if made is None:
            raise InvalidMedia("the session ended early", fix="do it again: it goes on from here")
        yield VideoChunk(made.frames[-1:], chunk.pts, chunk.duration)

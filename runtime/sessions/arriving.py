"""What came with a message is decoded and put into force, in the order in which it came."""

from __future__ import annotations

from livedraft.errors import LivedraftError

from ..engine.faults import unexpected
from .ports import Decode
from .task import Task


async def bring_in(task: Task, decode: Decode) -> LivedraftError | None:
    """Bring a task's new pictures into force; return what is wrong with the last damaged one."""
    session = task.session
    damaged: LivedraftError | None = None
    specs = {spec.name: spec for spec in session.info.inputs}
    async with session.arriving:
        for name, encoded in list(task.inputs.items()):
            try:
                if encoded:
                    pixels = await decode(encoded, specs[name], session)
                    pixels.setflags(write=False)  # the session's, whatever a model does with it
                    session.pixels[name] = pixels
                else:
                    session.pixels.pop(name, None)
            except LivedraftError as error:
                damaged = error  # the picture before it stays in force
            except Exception as error:  # decoders meet bytes that nobody thought of
                damaged = unexpected(error, f"decoding the picture '{name}'")
            del task.inputs[name]
    return damaged

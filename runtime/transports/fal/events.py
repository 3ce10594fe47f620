"""A request's way as events: previews, or how far a film is, then what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.requests import Request

from livedraft.errors import LivedraftError
from livedraft.protocol.codec import json_bytes
from livedraft.protocol.messages import Progress

from ...sessions.result import Result
from ..data_uris import data_uri
from ..service import Service
from . import answers
from .job import Job, Picture
from .jobs import Jobs


async def course(request: Request, jobs: Jobs, job: Job) -> AsyncGenerator[bytes, None]:
    """Yield the newest of the way at each turn, then the result, or what went wrong."""
    try:
        with jobs.watching(job):
            async with aclosing(_way(request, job)) as way:
                async for each in way:
                    yield each
            if job.error is not None:
                raise job.error
            told = await answers.result(job, answers.base_of(request))
            yield await asyncio.to_thread(event, told)  # a film may be in it
    except LivedraftError as error:
        yield b"event: error\n" + event(answers.said(error))
    finally:
        if not job.done or job.wanted.as_url or job.error is not None:
            jobs.forget(job)


def event(fields: Mapping[str, Any]) -> bytes:
    """Return fields as an event."""
    return b"data: " + json_bytes(fields) + b"\n\n"


async def _way(request: Request, job: Job) -> AsyncGenerator[bytes, None]:
    """Yield pictures on the way to one; of a film, which has none, how far it is."""
    service: Service = request.app.state.service
    shown: Result | None = None
    told: Progress | None = None
    while not job.done:
        changed, preview, progress = job.changed, job.preview, job.told
        if preview is not None and preview is not shown:
            shown = preview
            height, width = preview.pixels.shape[:2]
            data = await service.pictures.encode(preview.pixels, "image/jpeg", flow=job.flow)
            made = Picture(data, "image/jpeg", width, height, preview.seed)
            pictures = {"images": [answers.shown(made, data_uri(data, made.mime))]}
            yield event(pictures | {"step": preview.step, "steps": preview.steps})
        elif progress is not None and progress is not told and job.wanted.films:
            told = progress
            notes = [note["message"] for note in progress.notes]
            yield event({"step": progress.step, "steps": progress.steps, "notes": notes})
        await changed.wait()

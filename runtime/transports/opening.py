"""What a client is told as its session opens, and as it goes on with another model."""

from __future__ import annotations

from livedraft.protocol.features import ARRIVALS, MEDIA, MODELS
from livedraft.protocol.messages import Open, Opened, Switched, Track

from ..sessions.session import Session
from .lines import Lines
from .service import Service
from .tracks import MEDIA_WINDOW_MS, features, tracks


def opened(service: Service, session: Session, asked: Open, lines: Lines | None) -> Opened:
    """Return the answer to ``open``."""
    config, final = service.config, session.uses.final
    refiner = final.info.id if final is not None and MODELS in asked.features else ""
    return Opened(
        session=session.id,
        resume=session.resume_token,
        resumed=bool(asked.resume),
        last_id=session.last_id,
        model=service.models[session.info.id],
        params=session.params,
        window=config.window,
        max_message_bytes=config.max_message_bytes,
        max_pixels=config.max_pixels,
        features=features(asked, lines),
        tracks=_tracks(session, asked, lines),
        media_window_ms=MEDIA_WINDOW_MS if MEDIA in asked.features else 0,
        refine_model=service.models[refiner] if refiner else {},
    )


def switched(
    service: Service, session: Session, id: int, asked: Open, lines: Lines | None
) -> Switched:
    """Return the answer to ``switch``."""
    return Switched(
        id=id,
        model=service.models[session.info.id],
        params=session.params,
        tracks=_tracks(session, asked, lines),
    )


def waited_for(service: Service, asked: Open) -> tuple[list[str], list[str]]:
    """Return the models that a session waits for before it is opened, and those it may need later.

    Who hears of arrivals begins to draw before what refines is there.
    """
    if asked.resume:
        return [], []
    refines = [asked.refine_model] if asked.refine_model else []
    early = ARRIVALS in asked.features and not service.served.has(refines)
    return ([asked.model], refines) if early else ([asked.model, *refines], [])


def _tracks(session: Session, asked: Open, lines: Lines | None) -> list[Track]:
    return tracks(session.info, asked, lines) if MEDIA in asked.features else []

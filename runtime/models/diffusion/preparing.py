"""From requests to jobs: what did not change is taken from a session's caches, the rest encoded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from livedraft.errors import InvalidParams
from livedraft.protocol.messages import Note, Stage

from ..base import Pixels, Request
from .family import Asked, Family, Seen, Text, moved
from .params import LEAST_PX, DiffusionParams, GuidanceParams, NegativeParams
from .state import DiffusionJob, DiffusionState

Item = tuple[DiffusionState, Request[DiffusionParams]]
_MOST_SAID = 80  # characters of what was cut off


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """What one request asks for."""

    state: DiffusionState
    request: Request[DiffusionParams]
    picture: Pixels | None
    width: int  # px
    height: int
    draft: bool
    small: bool  # whether the small autoencoder makes it

    @property
    def seen_as(self) -> Hashable:
        """What the latents of its picture depend on, beside the picture."""
        return self.width, self.height, self.small


def prepare(
    family: Family, size: tuple[int, int], sketch: str, items: Sequence[Item]
) -> list[DiffusionJob]:
    """Return a job of each request; ``size`` is that of drafts, ``sketch`` the input's name."""
    wanted = [_wanted(family, size, sketch, *item) for item in items]
    for want in wanted:
        _up_to_date(family, want)
    _see(family, wanted)
    return [_job(family, want) for want in wanted]


def suspend(state: DiffusionState) -> None:
    """Move what a session keeps to the host; ``prepare`` brings it back."""
    for cache in (state.texts, state.seen):
        cache.change(lambda value: moved(value, "cpu"))
    state.away = True


def _wanted(
    family: Family,
    size: tuple[int, int],
    sketch: str,
    state: DiffusionState,
    request: Request[DiffusionParams],
) -> _Wanted:
    params, draft = request.params, request.stage is Stage.DRAFT
    width, height = size
    if not draft:
        width, height = params.width or width, params.height or height
        for name, side in (("width", width), ("height", height)):
            if side < min(LEAST_PX, *size):
                raise InvalidParams(
                    f"{name} is {side} px, which is too little for a picture",
                    fix=f"set it to {LEAST_PX} or more, or to 0 for the size of drafts",
                )
    small = draft and family.tiny_vae is not None
    return _Wanted(state, request, request.inputs.get(sketch), width, height, draft, small)


def _up_to_date(family: Family, want: _Wanted) -> None:
    """Bring a state back to the device, and forget what is of another picture."""
    state = want.state
    if state.away:
        for cache in (state.texts, state.seen):
            cache.change(lambda value: moved(value, family.device))
        state.away = False
    if state.picture is not want.picture:
        state.seen.clear()
        state.picture = want.picture


def _see(family: Family, wanted: Sequence[_Wanted]) -> None:
    """Encode the pictures that are new, those of one form in one call."""
    alike: dict[Hashable, list[_Wanted]] = {}
    for want in wanted:
        if want.picture is not None and want.seen_as not in want.state.seen:
            alike.setdefault((want.picture.shape, want.seen_as), []).append(want)
    for some in alike.values():
        first = some[0]
        pictures = [want.picture for want in some if want.picture is not None]
        found = family.see(pictures, first.width, first.height, first.small)
        for want, seen in zip(some, found, strict=True):
            want.state.seen.put(want.seen_as, seen)


def _job(family: Family, want: _Wanted) -> DiffusionJob:
    params, texts = want.request.params, want.state.texts

    def read(prompt: str) -> Text:
        return texts.get(prompt, lambda: family.read(prompt))

    guidance = params.guidance if isinstance(params, GuidanceParams) else 1.0
    unlike = params.negative_prompt if isinstance(params, NegativeParams) else ""
    seen: Seen | None = None
    if want.picture is not None:
        seen = want.state.seen.kept(want.seen_as)
    asked = Asked(
        read(params.prompt),
        read(unlike) if family.guided(guidance) else None,
        seen,
        want.width,
        want.height,
        params.seed,
        want.request.steps,
        params.strength,
        guidance,
    )
    key = (want.width, want.height, *family.key(asked))
    job = DiffusionJob(key, want.request.steps, family.begin(asked), want.small)
    job.notes = _cut(asked.text, "prompt")
    if asked.negative is not None:
        job.notes += _cut(asked.negative, "negative_prompt")
    return job


def _cut(text: Text, param: str) -> tuple[Note, ...]:
    """Return what to tell of a prompt whose end was not read."""
    if not text.cut:
        return ()
    said = text.cut if len(text.cut) <= _MOST_SAID else f"{text.cut[:_MOST_SAID]}…"
    message = f"The model reads no more than what comes before “{said}”."
    return (Note(code="prompt_cut", message=message, param=param, choices=[]),)

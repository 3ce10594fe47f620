"""From requests to jobs: what did not change is taken from a session's caches, the rest encoded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from livedraft.errors import BadInput, InvalidParams
from livedraft.protocol.messages import Note, Stage

from ..base import Pixels, Request
from ..memory import held_bytes
from .asked import Asked, Seen, Text
from .family import Family
from .inpainting import Masked, masked
from .loras import Mix
from .params import (
    LEAST_PX,
    ClipParams,
    ControlParams,
    DiffusionParams,
    NegativeParams,
    ResidualParams,
    StrengthParams,
)
from .placing import Loaded
from .quality import give
from .state import MASK, MOST_MEMORY_BYTES, REST, SKETCH, DiffusionJob, DiffusionState
from .tensors import moved

Item = tuple[DiffusionState, Request[DiffusionParams]]
_Form = tuple[tuple[int, ...], tuple[int, int], bool, int]  # of a picture, and how it is seen
_MOST_SAID = 80  # characters of what was cut off


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """What one request asks for."""

    state: DiffusionState
    request: Request[DiffusionParams]
    pictures: dict[str, Pixels]  # by input
    width: int  # px
    height: int
    draft: bool
    small: bool  # whether the small autoencoder makes it
    frames: int  # of a clip; 1: a picture

    @property
    def shown(self) -> dict[str, Pixels]:
        """The pictures that are looked at: all but a mask."""
        return {name: each for name, each in self.pictures.items() if name != MASK}

    def seen_as(self, name: str, size: tuple[int, int]) -> tuple[Hashable, ...]:
        """Return what the latents of an input's picture depend on, beside the picture."""
        return name, *size, self.small, *([self.frames] if self.frames > 1 else [])


def prepare(
    family: Family, size: tuple[int, int], names: Sequence[str], items: Sequence[Item]
) -> list[DiffusionJob]:
    """Return a job of each request; ``size`` is that of drafts, ``names`` are the inputs'."""
    family.loras.sweep()
    wanted = [_wanted(family, size, names, *item) for item in items]
    for want in wanted:
        _up_to_date(family, want)
    _see(family, wanted)
    return [_job(family, want) for want in wanted]


def size_of(
    family: Family, request: Request[DiffusionParams], size: tuple[int, int]
) -> tuple[int, int]:
    """Return how large the result of a request is, px; ``size`` is that of drafts."""
    params = request.params
    if request.stage is Stage.DRAFT:
        return size
    full = (0, 0) if params.width or params.height else family.final_size
    return params.width or full[0] or size[0], params.height or full[1] or size[1]


def suspend(state: DiffusionState) -> None:
    """Move what a session keeps to the host; ``prepare`` brings it back."""
    for cache in state.caches:
        cache.change(lambda value: moved(value, "cpu"))
    state.away = True


def bring_back(family: Loaded, state: DiffusionState) -> None:
    """Move what a session keeps to the device again, if it was suspended."""
    if state.away:
        for cache in state.caches:
            cache.change(lambda value: moved(value, family.device))
        state.away = False


def read(
    family: Family, state: DiffusionState, mix: Mix, prompt: str, *, avoided: bool = False
) -> Text:
    """Return a prompt's code, of what is wanted or avoided, as a session has it or made now."""
    encode = family.avoided if avoided else family.read
    with family.loras.reading(mix):
        return state.texts.get((prompt, avoided, mix.of_text), lambda: encode(prompt))


def cut_off(text: Text, param: str) -> tuple[Note, ...]:
    """Return what to tell of a prompt whose end was not read."""
    if not text.cut:
        return ()
    said = text.cut if len(text.cut) <= _MOST_SAID else f"{text.cut[:_MOST_SAID]}…"
    message = f"The model reads no more than what comes before “{said}”."
    return (Note(code="prompt_cut", message=message, param=param, choices=[]),)


def _wanted(
    family: Family,
    size: tuple[int, int],
    names: Sequence[str],
    state: DiffusionState,
    request: Request[DiffusionParams],
) -> _Wanted:
    params, draft = request.params, request.stage is Stage.DRAFT
    width, height = size_of(family, request, size)
    if not draft:
        for name, side in (("width", width), ("height", height)):
            if side < min(LEAST_PX, *size):
                raise InvalidParams(
                    f"{name} is {side} px, which is too little for a picture",
                    fix=f"set it to {LEAST_PX} or more, or to 0 for the size of drafts",
                )
            if side > family.largest:
                raise InvalidParams(
                    f"{name} is {side} px, and this model reaches {family.largest}",
                    fix=f"set it to {family.largest} or less, or to 0 for the size of drafts",
                )
    small = draft and family.tiny_vae is not None
    pictures = {name: request.inputs[name] for name in names if name in request.inputs}
    if MASK in pictures and SKETCH not in pictures:
        raise BadInput(
            "there is a mask, and no picture that it is of",
            fix=f"send the picture as {SKETCH!r}, or take the mask back",
        )
    frames = family.frames(params.seconds) if isinstance(params, ClipParams) else 1
    return _Wanted(state, request, pictures, width, height, draft, small, frames)


def _up_to_date(family: Family, want: _Wanted) -> None:
    """Bring a state back to the device, and forget what is of another picture."""
    state = want.state
    bring_back(family, state)
    before, state.pictures = state.pictures, want.pictures

    def stale(key: tuple[str, ...]) -> bool:
        names = (SKETCH, MASK) if key[0] == REST else key[:1]
        return any(before.get(name) is not want.pictures.get(name) for name in names)

    state.seen.drop(stale)
    names = before.keys() | want.pictures.keys()
    if any(before.get(name) is not want.pictures.get(name) for name in names):
        state.memory.clear()
        if family.reads_pictures:
            state.texts.clear()


def _see(family: Family, wanted: Sequence[_Wanted]) -> None:
    """Encode the pictures that are new, those of one form in one call."""
    alike: dict[_Form, list[tuple[_Wanted, tuple[Hashable, ...], Pixels]]] = {}
    for want in wanted:
        for name, picture in want.shown.items():
            size = family.seen_size(picture, want.width, want.height)
            key = want.seen_as(name, size)
            if key not in want.state.seen:
                form = (picture.shape, size, want.small, want.frames)
                alike.setdefault(form, []).append((want, key, picture))
    for (_, size, small, frames), some in alike.items():
        found = family.see([picture for _, _, picture in some], *size, small, frames)
        for (want, key, _), seen in zip(some, found, strict=True):
            want.state.seen.put(key, seen)


def _masked(family: Family, want: _Wanted) -> tuple[Masked | None, Seen | None]:
    """Return what of a picture is painted anew, and the rest of it for a network that sees it."""
    if MASK not in want.pictures and not family.told_mask:
        return None, None
    size = (want.width, want.height)

    def made() -> tuple[Masked, Seen | None]:
        pictures = (want.pictures.get(SKETCH), want.pictures.get(MASK))
        found, frame = masked(*pictures, size, family.device)
        return found, family.see_frame(frame, want.small) if family.told_mask else None

    found: tuple[Masked, Seen | None] = want.state.seen.get(want.seen_as(REST, size), made)
    return found


def _memory(family: Family, want: _Wanted, seen: tuple[Seen, ...], mix: Mix) -> Any:
    """Return what is remembered of the pictures; a large one lives no longer than its job."""
    if not family.refers or not seen:
        return None
    cache, key = want.state.memory, tuple(mix.row.items())
    if key in cache:
        return cache.kept(key)
    with family.loras.denoising([mix.row]):
        made = family.remembered(seen)
    if made is not None and held_bytes(made) <= MOST_MEMORY_BYTES:
        cache.put(key, made)
    return made


def _attended(
    family: Family, state: DiffusionState, mix: Mix, said: tuple[str, bool], text: Text
) -> Text:
    """Return a prompt with its keys and values, where a family keeps them, as its LoRAs have it."""
    if not family.keeps_text_kv:
        return text
    with family.loras.denoising([mix.row]):
        return state.text_kv.get((*said, *mix.row.items()), lambda: family.attended(text))


def _job(family: Family, want: _Wanted) -> DiffusionJob:
    params = want.request.params
    mix = family.loras.mix(params.loras)

    def coded(prompt: str, *, avoided: bool = False) -> Text:
        if not family.reads_pictures:
            text = read(family, want.state, mix, prompt, avoided=avoided)
            return _attended(family, want.state, mix, (prompt, avoided), text)
        size, pictures = (want.width, want.height), tuple(want.shown.values())
        key = (prompt, avoided, mix.of_text, *size)
        with family.loras.reading(mix):
            return want.state.texts.get(key, lambda: family.read_beside(prompt, pictures, *size))

    guidance = float(getattr(params, "guidance", 1.0))
    unlike = params.negative_prompt if isinstance(params, NegativeParams) else ""
    seen = tuple(
        want.state.seen.kept(want.seen_as(name, family.seen_size(picture, want.width, want.height)))
        for name, picture in want.shown.items()
    )
    hole, rest = _masked(family, want)
    led = family.guided(guidance)
    residual = params.instead if led and isinstance(params, ResidualParams) else ""
    if residual == "self" and (family.refers or not seen):
        residual = ""  # there is no picture to be led from
    asked = Asked(
        coded(params.prompt),
        coded(unlike, avoided=True) if led and residual != "self" else None,
        None if family.refers or not seen else seen[0],
        want.width,
        want.height,
        params.seed,
        want.request.steps,
        params.strength if isinstance(params, StrengthParams) else 1.0,
        guidance,
        seen if family.refers else (),
        params.control if isinstance(params, ControlParams) else 1.0,
        hole,
        rest,
        _memory(family, want, seen, mix),
        want.frames,
        residual,
    )
    way = family.begin(asked)
    way.adapters = mix.row
    key = (want.width, want.height, *family.key(asked))
    if any(isinstance(value, list) for call in way.calls for value in call.values()):
        key += tuple(mix.row.items())  # members of unlike lengths lose their rows on the way
    job = DiffusionJob(
        key,
        len(way.sampler),
        way,
        want.small,
        mix,
        hole.kept if hole is not None else None,
        size=(want.width, want.height),
    )
    job.notes = give(way, want.request, guidance) + cut_off(asked.text, "prompt")
    if asked.negative is not None:
        job.notes += cut_off(asked.negative, "negative_prompt")
    return job

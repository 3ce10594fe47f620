"""Which inputs of its model a session has received, and why it cannot take others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from livedraft.errors import InvalidImage, InvalidMedia, did_you_mean

from ..models.base import ModelInfo
from .mailbox import MediaInput
from .use import picture_names, renamed


class Received:
    """The names of the inputs that came and were not removed."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._seen: set[str] = set()  # tracks of which anything could be decoded

    def add(self, name: str) -> None:
        """Note that video or sound came."""
        self._names.add(name)

    def decoded(self, name: str, *, whole: bool) -> None:
        """Note whether what came on a track could be decoded; before any could, none came."""
        if whole:  # a refine takes what came while a draft found nothing
            self._seen.add(name)
            self._names.add(name)
        elif name not in self._seen:
            self._names.discard(name)

    def note(self, pictures: Mapping[str, bytes]) -> None:
        """Note what came; empty bytes take a picture away."""
        for name, picture in pictures.items():
            (self._names.add if picture else self._names.discard)(name)

    def rename(self, of: ModelInfo, to: ModelInfo) -> None:
        """Go on under the names of another model."""
        self._names = set(renamed(dict.fromkeys(self._names), of, to))

    def missing(self, of: ModelInfo, to: ModelInfo, handed: Iterable[str] = ()) -> str:
        """Return a required input of ``to`` that never came, of those sent to ``of``; or nothing.

        Those that are ``handed`` over will be there. Where nothing is missing, nothing is made in
        vain.
        """
        received = dict.fromkeys(self._names)
        received |= renamed(received, of, to) | dict.fromkeys(handed)
        names = (spec.name for spec in to.inputs if spec.required)
        return next((name for name in names if name not in received), "")

    def check(self, of: ModelInfo, to: ModelInfo, handed: Iterable[str]) -> None:
        """Raise InvalidImage where an input is ``missing`` that a refine needs."""
        name = self.missing(of, to, handed)
        if name:
            raise InvalidImage(f"{to.id} needs a {name}", fix=f"send '{name}' before a refine")


def check_pictures(names: Iterable[str], info: ModelInfo) -> None:
    """Raise InvalidImage for a picture that is for no input of a model."""
    known = picture_names(info)
    for name in names:
        if name not in known:
            raise InvalidImage(
                f"{info.id} has no input '{name[:40]}'",
                fix=did_you_mean(name, known) if known else "it takes no pictures",
            )


def track_of(name: str, info: ModelInfo) -> MediaInput:
    """Return the input for video or sound of a name; raise InvalidMedia."""
    specs = {spec.name: spec for spec in info.inputs if spec.kind != "image"}
    spec = specs.get(name)
    if spec is None:
        fix = did_you_mean(name, specs) if specs else "it takes neither video nor sound"
        raise InvalidMedia(f"{info.id} has no track '{name[:40]}'", fix=fix)
    return spec

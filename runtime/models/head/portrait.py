"""A session's portrait: prepared beside the ticks, and refused once where it makes no face."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Protocol

from livedraft.errors import BadInput, InvalidImage
from livedraft.protocol.messages import Note

from ..base import Pixels
from .expression import Face


class Prepared(Face, Protocol):
    """A face that was made of a picture, and what to say of it."""

    @property
    def notes(self) -> tuple[Note, ...]:
        """What a user should know of it."""
        ...


Prepare = Callable[[Pixels], Prepared]  # raises InvalidImage


class Portrait:
    """Knows one picture at a time by the array that it is, and the face that it became.

    A picture that makes no face counts as none: its fault is told once, as an error, and from then
    on as a note.
    """

    def __init__(self, worker: Executor, prepare: Prepare) -> None:
        self._worker = worker
        self._prepare = prepare
        self._picture: Pixels | None = None
        self._consent = False
        self._making: Future[Prepared] | None = None
        self._untold: BadInput | None = None
        self.face: Prepared | None = None
        self.notes: tuple[Note, ...] = ()

    @property
    def waiting(self) -> Pixels | None:
        """The picture that is being prepared."""
        return self._picture if self._making is not None else None

    @property
    def nbytes(self) -> int:
        """The bytes of the face."""
        return 0 if self.face is None else self.face.nbytes

    def see(self, picture: Pixels | None, *, consent: bool) -> None:
        """Take what stands now: a picture without consent is refused."""
        if picture is self._picture and consent is self._consent:
            return
        self.drop()
        self._picture, self._consent = picture, consent
        if picture is not None and not consent:
            error = BadInput(
                "a portrait speaks only with the consent of who is seen in it",
                fix="ask them, and set consent=True; or choose an avatar",
            )
            self._refuse("no_consent", error)
        elif picture is not None:
            self._making = self._worker.submit(self._prepare, picture)

    def check(self, *, last: bool) -> None:
        """Take the face once it is there; raise what is wrong, until it was for the ``last`` time.

        Raises InvalidImage for a picture that makes no face, BadInput for one without consent.
        """
        if self._making is not None and self._making.done():
            made, self._making = self._making, None
            try:
                self.face = made.result()
                self.notes = self.face.notes
            except InvalidImage as error:
                self._refuse("no_face", error)
        fault = self._untold
        if fault is not None:
            self._untold = None if last else fault
            raise fault

    def drop(self) -> None:
        """Forget the picture and its face."""
        if self._making is not None:
            self._making.cancel()
        self._picture = self._making = self._untold = self.face = None
        self._consent, self.notes = False, ()

    def _refuse(self, code: str, error: BadInput) -> None:
        self._untold = error
        message = f"{error.message}: {error.fix}"
        self.notes = (Note(code=code, message=message, param="portrait", choices=[]),)

"""Who says what, for ``livedraft talk``: checked, and made in this process or by a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from itertools import dropwhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livedraft.errors import InvalidImage, InvalidMedia, LivedraftError
from livedraft.media.marks import CHANGED, KEY
from livedraft.version import __version__

from .extras import needs_extra

if TYPE_CHECKING:
    from livedraft.media.talk import Talk
    from livedraft.runtime.talking import LocalTalk


class Script:
    """Who says what."""

    def __init__(
        self,
        model: str,
        params: Mapping[str, Any],
        portrait: Path | None,
        speech: Path | None,
        text: str | None,
    ) -> None:
        self.messages: list[str] = []  # of how it came out
        self._model = model
        self._params = dict(params)
        self._portrait = portrait
        self._speech = speech
        self._text = text

    def check(self) -> None:
        """Refuse a talk of nothing, and one of two."""
        for path in (self._portrait, self._speech):
            if path is not None and not path.is_file():
                raise InvalidMedia(f"there is no file {path}", fix="name one that exists")
        if self._speech is None and not self._text:
            raise InvalidMedia(
                "nothing to say", fix='name a file of sound, or give a text: --text "Good morning."'
            )
        if self._speech is not None and self._text is not None:
            raise InvalidMedia("sound and text at once", fix="leave one of them out")

    @property
    def recipe(self) -> dict[str, Any]:
        """What it takes to make it again."""
        said = {"text": self._text} if self._text is not None else {}
        return {
            "livedraft": __version__,
            "model": self._model,
            "stage": "final",
            "steps": 1,
            "params": self._params,
            **said,
            **({KEY: CHANGED} if self._portrait else {}),
        }

    def local(self, device: str) -> Iterator[Talk]:
        """Load the model; return what yields it as it is made in this process."""
        with needs_extra("server", "livedraft talk"):
            from livedraft.media.chunks import Still
            from livedraft.media.sources import load
            from livedraft.runtime.models import MODELS, load_model
            from livedraft.runtime.models.base import ImageInput, Plan
            from livedraft.runtime.models.params import from_text, merge
            from livedraft.runtime.talking import LocalTalk
        chosen = MODELS.load(self._model)
        params = merge(
            chosen.params, None, from_text(chosen.params.model_json_schema(), self._params)
        )
        self._params = params.model_dump(mode="json")
        inputs = {}
        spec = next((each for each in chosen.info.inputs if isinstance(each, ImageInput)), None)
        if self._portrait is not None:
            if spec is None:
                raise InvalidImage(f"{self._model} takes no portrait", fix="leave it out")
            pixels = Still.of(load(self._portrait, within=spec.within)).pixels
            inputs[spec.name] = pixels
        click.echo(f"loading {self._model} …", err=True)
        made = LocalTalk(
            load_model(chosen, "", Plan(device)),
            params,
            inputs,
            audio=self._speech,
            text=self._text,
        )
        return self._told(made)

    def _told(self, made: LocalTalk) -> Iterator[Talk]:
        with _as_typed():
            yield from _blocking(made.run())
        self.messages = [note["message"] for note in made.notes.values()]

    def asked(self, url: str, token: str | None) -> Iterator[Talk]:
        """Yield it as a server makes it."""
        with needs_extra("client", "livedraft talk --url"):
            from livedraft.client import Client
        from livedraft.runtime.models.params import from_text

        with Client(url, token) as client:
            known = next((each for each in client.models() if each.id == self._model), None)
            asked = self._params
            if known is not None:
                asked = from_text(known.params_schema, asked)
                self._params = _defaults(known.params_schema) | asked
            talks = client.talk(
                self._model,
                portrait=self._portrait,
                audio=self._speech,
                text=self._text,
                **asked,
            )
            with _as_typed():
                yield from dropwhile(_says_nothing, self._heeded(talks))

    def _heeded(self, talks: Iterator[Talk]) -> Iterator[Talk]:
        """Yield them; their notes become messages, those of what is left out, too."""
        for talk in talks:
            messages = [note["message"] for note in talk.notes]
            self.messages += [each for each in messages if each not in self.messages]
            yield talk


def _says_nothing(talk: Talk) -> bool:
    from livedraft.media.talk import SPEAKING

    return talk.state != SPEAKING or not (talk.spoken_us or talk.sound.samples.any())


def _defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    params = schema.get("properties", {})
    return {name: about["default"] for name, about in params.items() if "default" in about}


@contextmanager
def _as_typed() -> Iterator[None]:
    """Have an error's fix say what is typed on a command line."""
    try:
        yield
    except LivedraftError as error:
        error.fix = error.fix.replace("consent=True", "--consent")
        raise


def _blocking(coming: AsyncGenerator[Talk, None]) -> Iterator[Talk]:
    """Yield what comes of a loop that runs for it alone."""

    async def taken() -> Talk | None:
        return await anext(coming, None)

    async def end() -> None:
        await coming.aclose()

    with asyncio.Runner() as runner:
        try:
            while (found := runner.run(taken())) is not None:
                yield found
        finally:
            runner.run(end())

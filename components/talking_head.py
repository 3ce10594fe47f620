"""A talking head for Gradio: a face that says what Python or the page gives it, and can listen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from typing import Any, Literal

import gradio as gr
from gradio.components.base import Component
from gradio.events import EventListener, Events

from livedraft.errors import InvalidParams
from livedraft.media.sources import PictureSource

from .base import LiveComponent, Transport
from .garments import data_url, is_address
from .uploads import explained, without_files

PORTRAIT_PX = 1024  # of the longer side; the head in it is drawn at 512

# No sound and no portrait of a visitor goes to Gradio, but what was said where the page listens.
SCRIPT = """
for (const name of ["ready", "input"]) {
  on(name, () => { props.value = el.params; trigger(name, props.value); });
}
on("state", ({ state }) => trigger("state", { state }));
on("interrupted", (detail) => trigger("interrupted", detail));
on("utterance", ({ pcm, rate, durationMs }) => {
  let bytes = "";
  for (const byte of new Uint8Array(pcm.buffer)) bytes += String.fromCharCode(byte);
  trigger("utterance", { pcm: btoa(bytes), rate, duration_ms: durationMs });
});
let spoken = 0;
const speak = () => {
  const { text = "", turn = 0 } = props.say ?? {};
  if (!text || turn === spoken) return;
  spoken = turn;
  el.speak(text).catch(() => {});
};
watch("value", () => {
  quiet = true;
  try { el.params = given(props.value ?? {}); } finally { quiet = false; }
});
watch(["avatar", "voice"], () => {
  const { avatar, voice } = props;
  quiet = true;
  try { el.params = { avatar, voice }; } finally { quiet = false; }
});
watch("say", speak);
speak();
"""

# Of any type, since Gradio types such lists in two ways.
EVENTS: list[Any] = [
    Events.input,
    EventListener("ready", doc="Triggered when the session with the model is open."),
    EventListener("state", doc="Triggered when the head begins to speak or listen, or rests."),
    EventListener("utterance", doc="Triggered when a visitor has said something to the page."),
    EventListener("interrupted", doc="Triggered when what was being said was broken off."),
]

_turns = count(1)  # so that the same text can be said twice


class TalkingHead(LiveComponent):
    """Show ``<livedraft-head>``: a face that speaks, live, and falls silent at once.

    A visitor types, speaks or drops a sound file; a function of Python has a text spoken by
    returning ``TalkingHead(say="…")``. Pictures and sound go between the page and the runtime,
    past Gradio; serve both on one port with ``livedraft.launch(demo)``. Gradio sees the value: the
    params in force, a dict.

    Events: ``ready`` (the model answers), ``input`` (a param was changed by hand), ``state`` and
    ``interrupted``, and with ``listen`` also ``utterance``. Their listeners find ``state`` in
    ``gr.EventData``; in that of ``utterance`` ``pcm`` (16 bits, mono, base64), ``rate`` and
    ``duration_ms``. Where the component is an output, give ``show_progress="hidden"``.
    """

    EVENTS = EVENTS
    element = "livedraft-head"
    script = "livedraft-head.js"
    joining = SCRIPT

    def __init__(
        self,
        value: Mapping[str, Any] | Callable[..., Any] | None = None,
        *,
        say: str | Mapping[str, Any] | None = None,
        model: str = "head",
        avatar: str | None = None,
        portrait: PictureSource | None = None,
        consent: bool = False,
        voice: str | None = None,
        listen: bool = False,
        captions: bool = True,
        transport: Transport | None = None,
        muted: bool = False,
        badge: bool | None = None,
        lang: str | None = None,
        url: str = "",
        token: str = "",
        height: int | str | None = None,
        label: str | None = None,
        show_label: bool | None = None,
        every: gr.Timer | float | None = None,
        inputs: Component | Sequence[Component] | set[Component] | None = None,
        scale: int | None = None,
        min_width: int | None = None,
        visible: bool | Literal["hidden"] = True,
        elem_id: str | None = None,
        elem_classes: list[str] | str | None = None,
        render: bool = True,
        key: int | str | tuple[int | str, ...] | None = None,
        preserved_by_key: list[str] | str | None = "value",
        **params: Any,
    ) -> None:
        """Make the component; all but ``value`` by keyword.

        Args:
            value: Params to set over those given by keyword, or a function that returns them.
            say: A text to speak, at once or as soon as the page is there.
            model: The model's name.
            avatar: Which of the model's faces speaks; the user may choose another.
            portrait: A picture to speak in place of an avatar; everybody who opens the page sees
                it. It needs ``consent``.
            consent: Whether who is seen in portraits agreed to that, as the page has made sure: no
                visitor is asked any more.
            voice: Who speaks texts, as "en-US".
            listen: Whether what a visitor says is for the page, by the event ``utterance``, and not
                for the head to say.
            captions: Whether they are shown at first.
            transport: What pictures and sound go by: the WebSocket, unless said otherwise; with
                "auto" WebRTC once that stands.
            muted: Whether the sound is off at first.
            badge: Whether the picture has a visible mark, which is the default.
            lang: The language of the element, as "de"; by default the page's.
            url: The runtime's address, relative to the page; empty is this app's own server.
            token: The runtime's shared secret, where ``url`` names another server; that of
                ``livedraft.launch`` is known. Everybody who opens the page can read it.
            height: Of the picture, in px or as a CSS length.
            label: The name above it, and in the API.
            show_label: Whether the label stands above it; by default where there is one.
            every: Seconds or a timer after which a function ``value`` is called again.
            inputs: Components whose values go to a function ``value``.
            scale: Width against the neighbours in a row.
            min_width: Least width in px.
            visible: Whether it is shown; "hidden" keeps it in the page.
            elem_id: Its id in the page.
            elem_classes: Its classes in the page.
            render: Whether it is placed here.
            key: What tells it from others in ``gr.render``.
            preserved_by_key: What a new rendering keeps.
            params: Params of the model by name; ``livedraft models NAME`` lists them. Those that
                are called as something above stand in a map, ``params={"height": 3}``.

        Raises InvalidParams, here or in ``livedraft.launch``, for params that the model does not
        take; gr.Error for a portrait without ``consent``, or one that is no picture.
        """
        # Gradio reads each of them back by its name, and shows it to the page.
        with explained():
            if portrait is not None and not consent:
                raise InvalidParams(
                    "a portrait needs consent", fix="ask who is seen in it, and give consent=True"
                )
            self.portrait = (
                portrait
                if portrait is None or is_address(portrait)
                else data_url(portrait, PORTRAIT_PX)
            )
        self.say = _turn(say)
        self.avatar, self.voice, self.consent, self.badge = avatar, voice, consent, badge
        self.listen, self.captions, self.muted = listen, captions, muted
        self.transport = transport
        self.lang, self.height = lang, height
        super().__init__(
            value,
            model=model,
            url=url,
            token=token,
            params=params,
            label=label,
            show_label=show_label,
            every=every,
            inputs=inputs,
            scale=scale,
            min_width=min_width,
            visible=visible,
            elem_id=elem_id,
            elem_classes=elem_classes,
            render=render,
            key=key,
            preserved_by_key=preserved_by_key,
            say=self.say,
        )

    def judge(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of all params of the model; the face and the voice are judged, too."""
        own = {"avatar": self.avatar, "voice": self.voice}
        named = {name: each for name, each in own.items() if each is not None}
        return super().judge({**named, **params})

    @property
    def constructor_args(self) -> dict[str, Any]:
        """Return what it was made with, as a page may see it: an update is sent as it stands."""
        given = dict(super().constructor_args)
        ours = [name for name in ("say", "portrait") if name in given]
        return given | {name: getattr(self, name) for name in ours}

    def attributes(self, label: str | None) -> dict[str, Any]:
        """Return the tag's own attributes."""
        return {
            "avatar": self.avatar,
            "portrait": self.portrait,
            "consent": self.consent,
            "voice": self.voice,
            "listen": self.listen,
            "transport": self.transport,
            "captions": None if self.captions else "off",
            "muted": self.muted,
            "badge": None if self.badge is None else ("on" if self.badge else "off"),
            "lang": self.lang,
            "height": self.height,
        }

    def from_page(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the params in force; there are none before the model has answered."""
        return without_files(payload)

    def to_page(self, value: Mapping[str, Any]) -> dict[str, Any]:
        """Return params to set."""
        return without_files(value)

    def example_payload(self) -> dict[str, Any]:
        """Return what an API client may send."""
        return {}

    def api_info(self) -> dict[str, Any]:
        """Return the schema of the value."""
        return {"type": "object"}


def _turn(say: str | Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Return a text with what tells it from the same text before; one that has that stays."""
    if say is None or isinstance(say, Mapping):
        return None if say is None else dict(say)
    return {"text": say, "turn": next(_turns)}

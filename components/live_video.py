"""A live camera for Gradio: what it shows goes to a model, and what the model makes comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import gradio as gr
from gradio.components.base import Component
from gradio.events import EventListener, Events

from .base import LiveComponent, Transport
from .uploads import without_files

SCRIPT = """
for (const name of ["ready", "input", "start", "stop"]) {
  on(name, () => { props.value = el.params; trigger(name, props.value); });
}
watch("value", () => {
  quiet = true;
  try { el.params = given(props.value ?? {}); } finally { quiet = false; }
});
"""

# Of any type, since Gradio types such lists in two ways.
EVENTS: list[Any] = [
    Events.input,
    EventListener("ready", doc="Triggered when the session with the model is open."),
    EventListener("start", doc="Triggered when pictures are sent."),
    EventListener("stop", doc="Triggered when no more pictures are sent."),
]


class LiveVideo(LiveComponent):
    """Show ``<livedraft-camera>``: a camera, a screen or a clip, and what a model makes of it.

    Pictures and sound go between the page and the runtime, past Gradio; serve both on one port
    with ``livedraft.launch(demo)``. Gradio sees the value: the params in force, a dict.

    Events: ``ready`` (the model answers), ``input`` (a param was changed by hand), ``start`` and
    ``stop`` (of the camera). Where the component is an output, give ``show_progress="hidden"``.
    """

    EVENTS = EVENTS
    element = "livedraft-camera"
    script = "livedraft-camera.js"
    joining = SCRIPT

    def __init__(
        self,
        value: Mapping[str, Any] | Callable[..., Any] | None = None,
        *,
        model: str = "",
        source: Literal["camera", "screen"] | None = None,
        view: Literal["beside", "split", "result"] | None = None,
        mirror: bool | None = None,
        transport: Transport | None = None,
        codec: str = "",
        muted: bool = False,
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
            model: The model's name; empty is the server's default.
            source: What is sent at first; the user may choose another.
            view: How both pictures are shown at first: side by side, one over the other with a
                slider between, or the result alone.
            mirror: Whether it is shown as in a mirror; by default a camera is, a screen is not.
            transport: What pictures and sound go by: the WebSocket, unless said otherwise; with
                "auto" WebRTC once that stands, which bears a line that loses packets.
            codec: Of the pictures that are sent, as "jpeg", "vp8" or "h264"; empty is the best
                that browser and server have in common.
            muted: Whether the model's sound is off at first.
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
        take.
        """
        # Gradio reads each of them back by its name.
        self.source, self.mirror, self.codec = source, mirror, codec
        self.muted, self.height, self.view = muted, height, view
        self.transport = transport
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
        )

    def attributes(self, label: str | None) -> dict[str, Any]:
        """Return the tag's own attributes."""
        return {
            "source": self.source,
            "view": self.view,
            "mirror": None if self.mirror is None else ("on" if self.mirror else "off"),
            "transport": self.transport,
            "codec": self.codec or None,
            "muted": self.muted,
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

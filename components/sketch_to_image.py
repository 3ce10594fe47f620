"""A canvas with a live picture for Gradio: draw, and the picture follows the pen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import gradio as gr
from gradio.components.base import Component
from gradio.events import EventListener, Events

from livedraft import elements

from .base import LiveComponent
from .home import state_key
from .sketch_value import SketchData, SketchLike, SketchValue, as_html, read, to_value, write

# The value follows the drawing when the pen rests, so that a form's button finds it current; live
# frames never pass through Gradio.
SCRIPT = """
const REST_MS = 300;
let timer, newest = 0;

const stored = async (blob, name) => {
  if (!blob) return null;
  const { path, url } = await upload(new File([blob], name, { type: blob.type }));
  const meta = { _type: "gradio.FileData" };
  return { path, url, orig_name: name, mime_type: blob.type, size: blob.size, meta };
};
const hold = async (made) => {
  clearTimeout(timer);
  const mine = ++newest;
  const { image, sketch, mask, params, model, film } = await made;
  const files = await Promise.all([
    stored(film ? null : image, "image.png"), stored(sketch, "sketch.png"),
    stored(mask, "mask.png"), stored(film, "film.mp4"),
  ]);
  if (mine !== newest) return false;
  const [picture, drawn, masked, filmed] = files;
  props.value = { image: picture, sketch: drawn, mask: masked, film: filmed, params, model };
  return true;
};
const rest = () => {
  clearTimeout(timer);
  timer = setTimeout(() => hold(el.snapshot()), REST_MS);
};
on("ready", ({ params }) => trigger("ready", params));
on("input", ({ params }) => { trigger("input", params); rest(); });
on("stroke", ({ params }) => { trigger("stroke", params); rest(); });
on("change", rest);
on("submit", async (detail) => { if (await hold(detail)) trigger("submit", detail.params); });
on("clear", ({ params }) => {
  clearTimeout(timer);
  newest += 1;
  props.value = null;
  trigger("clear", params);
});

const take = async () => {
  const value = props.value;
  quiet = true;
  try {
    if (!value) el.clear();
    else {
      el.params = { ...value.params, ...given(value) };
      if (value.sketch) { el.clear(); await el.load(value.sketch.url); }
      if (value.mask) await el.loadMask(value.mask.url);
    }
  } finally { quiet = false; }
};
watch("value", take);
if (props.value) take();
"""

# Of any type, since Gradio types such lists in two ways.
EVENTS: list[Any] = [
    Events.change,
    Events.input,
    Events.submit,
    Events.clear,
    EventListener("ready", doc="Triggered when the session with the model is open."),
    EventListener("stroke", doc="Triggered when a stroke is done."),
]


class SketchToImage(LiveComponent):
    """Show ``<livedraft-sketch>``: canvas, prompt, and the picture that a model makes of both.

    Live frames go between the page and the runtime, past Gradio; serve both on one port with
    ``livedraft.launch(demo)``. Gradio sees the value, a SketchValue, when the pen rests.

    Events: ``ready`` (the model answers), ``stroke`` (a stroke is done), ``input`` (a param was
    changed by hand), ``change`` (the value is new), ``submit`` (the final picture was asked for
    and is there), ``clear``. Listeners to ``stroke`` and ``input`` get the params as
    ``gr.EventData`` and need no inputs. Where the component is an output, give
    ``show_progress="hidden"``.
    """

    EVENTS = EVENTS
    data_model = SketchData
    element = "livedraft-sketch"
    script = elements.SCRIPT
    joining = SCRIPT

    def __init__(
        self,
        value: SketchLike | Callable[..., Any] | None = None,
        *,
        model: str = "",
        refine_model: str = "",
        models: bool = False,
        examples: Sequence[Mapping[str, Any]] | None = None,
        url: str = "",
        token: str = "",
        layout: Literal["beside", "over"] | None = None,
        refine: Literal["rest"] | None = None,
        locked: bool = False,
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
            value: A sketch (PIL picture, path, bytes, array), a SketchValue, a map with
                ``sketch``, ``image``, ``mask``, ``film`` and params, or a function that
                returns one of them.
            model: The model's name; empty is the server's default.
            refine_model: The model that makes the final pictures; empty is the same.
            models: Whether users may choose others of the server's, of both kinds; without a
                ``model`` they may in any case.
            examples: Drawings to begin with: maps of ``name``, ``prompt`` and ``strokes``, maybe
                ``style``; see "Examples" in the guide on embedding.
            url: The runtime's address, relative to the page; empty is this app's own server.
            token: The runtime's shared secret, where ``url`` names another server; that of
                ``livedraft.launch`` is known. Everybody who opens the page can read it.
            layout: The picture beside the drawing or over it; by default as there is room.
            refine: "rest" asks for the final picture by itself when the pen rests.
            locked: Whether the seed stays when a picture is used.
            height: Of the canvas, in px or as a CSS length.
            label: The name above it, in tables of examples and in the API.
            show_label: Whether the label stands above it; by default where there is one.
            every: Seconds or a timer after which a function ``value`` is called again.
            inputs: Components whose values go to a function ``value``.
            scale: Width against the neighbours in a row.
            min_width: Least width in px.
            visible: Whether it is shown; "hidden" keeps it in the page.
            elem_id: Its id in the page; also what the browser keeps the drawing by.
            elem_classes: Its classes in the page.
            render: Whether it is placed here.
            key: What tells it from others in ``gr.render``; the drawing is kept by it.
            preserved_by_key: What a new rendering keeps.
            params: Params of the model by name, such as ``prompt``, ``style``, ``seed``,
                ``strength``, ``steps``, ``size``, ``palette=["#e5484d"]`` and
                ``loras={"woodcut": 0.8}``; ``livedraft models NAME`` lists them. Those that are
                called as something above stand in a map, ``params={"height": 3}``.

        Raises InvalidParams, here or in ``livedraft.launch``, for params that the model does not
        take.
        """
        # Gradio reads each of them back by its name.
        self.refine_model, self.models, self.examples = refine_model, models, examples
        self.layout, self.refine, self.locked, self.height = layout, refine, locked, height
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
        """Return the tag's own attributes; the browser keeps the drawing by ``state_key``."""
        return {
            "refine_model": self.refine_model or None,
            "models": self.models,
            "examples": json.dumps(list(self.examples)) if self.examples else None,
            "layout": self.layout,
            "refine_when": self.refine,
            "locked": self.locked,
            "height": self.height,
            "state_key": state_key(self, label),
        }

    def from_page(self, payload: SketchData) -> SketchValue:
        """Return what was drawn and made; raise InvalidImage or InvalidParams."""
        self.judge(payload.named)
        return read(payload, self.GRADIO_CACHE)

    def to_page(self, value: SketchLike) -> SketchData:
        """Return what a function gave."""
        return write(value, self.GRADIO_CACHE)

    def process_example(self, value: SketchLike | None) -> str:
        """Return a small picture and the prompt for a table of examples."""
        return "" if value is None else as_html(to_value(value))

    def example_payload(self) -> dict[str, Any]:
        """Return what an API client may send."""
        return {"sketch": None, "prompt": "a red fox", "seed": 42}

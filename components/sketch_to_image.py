"""A canvas with a live picture for Gradio: draw, and the picture follows the pen."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import gradio as gr
from gradio.components.base import Component
from gradio.events import EventListener, Events
from gradio.utils import get_cache_folder

from livedraft import elements

from .home import app_of, state_key
from .markup import HOME, LABEL_CSS, SKETCH_SCRIPT, labelled, tag
from .sketch_value import Given, SketchData, SketchValue, as_html, read, to_value, write
from .uploads import cached, told


class SketchToImage(gr.HTML):
    """Show ``<livedraft-sketch>``: canvas, prompt, and the picture that a model makes of both.

    Live frames go between the page and the runtime, past Gradio; serve both on one port with
    ``livedraft.launch(demo)``. Gradio sees the value, a SketchValue, when the pen rests.

    Events: ``ready`` (the model answers), ``stroke`` (a stroke is done), ``input`` (a param was
    changed by hand), ``change`` (the value is new), ``submit`` (the final picture was asked for
    and is there), ``clear``. Listeners to ``stroke`` and ``input`` get the params as
    ``gr.EventData`` and need no inputs. Where the component is an output, give
    ``show_progress="hidden"``.
    """

    EVENTS = [  # noqa: RUF012  # as Gradio wants it
        Events.change,
        Events.input,
        Events.submit,
        Events.clear,
        EventListener("ready", doc="Triggered when the session with the model is open."),
        EventListener("stroke", doc="Triggered when a stroke is done."),
    ]
    data_model = SketchData
    runtime_token = ""  # of the server beside the app; ``livedraft.launch`` says it

    def __init__(
        self,
        value: Given | Callable[..., Any] | None = None,
        *,
        model: str = "",
        refine_model: str = "",
        prompt: str | None = None,
        style: str | None = None,
        seed: int | None = None,
        strength: float | None = None,
        steps: int | None = None,
        size: int | None = None,
        palette: Sequence[str] | None = None,
        loras: Mapping[str, float] | None = None,
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
    ) -> None:
        """Make the component; all but ``value`` by keyword.

        Args:
            value: A sketch (PIL picture, path, bytes, array), a SketchValue, a map with
                ``sketch``, ``image`` and params, or a function that returns one of them.
            model: The model's name; empty is the server's default.
            refine_model: The model that makes the final pictures; empty is the same.
            prompt: What the picture shows.
            style: One of the model's styles.
            seed: The seed to start with.
            strength: How far the model may go from the drawing, in 0..1.
            steps: Denoising steps of a final picture.
            size: Side of a final picture in px, of those that the model offers.
            palette: Colours to paint with, "#rrggbb", the main one first; by default the model's.
            loras: LoRAs of the model by name, with their weights.
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
        """
        # Gradio reads each of them back by its name.
        self.model, self.refine_model, self.url, self.token = model, refine_model, url, token
        self.prompt, self.style, self.seed = prompt, style, seed
        self.strength, self.steps, self.size = strength, steps, size
        self.palette, self.loras, self.examples = palette, loras, examples
        self.layout, self.refine, self.locked, self.height = layout, refine, locked, height
        super().__init__(
            value,
            label=label,
            show_label=True if show_label is None else show_label,
            container=True,  # Gradio ignores show_label without one
            css_template=LABEL_CSS,
            js_on_load=SKETCH_SCRIPT,
            head=f"<script>{elements.read(elements.SCRIPT)}</script>",
            apply_default_css=False,
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
            prompt=prompt,
            style=style,
            seed=seed,
            strength=strength,
            steps=steps,
            size=size,
            palette=None if palette is None else list(palette),
            loras=None if loras is None else dict(loras),
        )

    def get_config(self) -> dict[str, Any]:  # type: ignore[override]  # as gr.HTML has it
        """Return the component as the page gets it.

        An update from Python replaces all props, so what stays is written into the tag.
        """
        label = None if self.label is None else str(self.label)
        own_token = (
            "" if self.url else self.runtime_token or getattr(app_of(self), "runtime_token", "")
        )
        html = tag(
            "livedraft-sketch",
            url=self.url or HOME,
            token=self.token or own_token or None,
            state_key=state_key(self, label),
            model=self.model or None,
            refine_model=self.refine_model or None,
            prompt=self.prompt,
            picture_style=self.style,
            seed=self.seed,
            strength=self.strength,
            steps=self.steps,
            size=self.size,
            palette=None if self.palette is None else " ".join(self.palette),
            loras=None
            if self.loras is None
            else " ".join(f"{n}:{w}" for n, w in self.loras.items()),
            examples=json.dumps(list(self.examples)) if self.examples else None,
            layout=self.layout,
            refine_when=self.refine,
            locked=self.locked,
            height=self.height,
        )
        template = labelled(html, label, shown=bool(self.show_label))
        return {
            **super().get_config(),
            "html_template": template,
            "show_label": False,
            "container": False,
        }

    # gr.HTML's own value is any text, ours is a picture: the two methods narrow what it declares.
    def preprocess(self, payload: SketchData | None) -> SketchValue | None:  # type: ignore[override]
        """Return what was drawn and made, for Python; a bad picture is told in the page."""
        with told():
            return None if payload is None else read(payload, self.GRADIO_CACHE)

    def postprocess(self, value: Given | None) -> SketchData | None:  # type: ignore[override]
        """Return what a function gave, for the page."""
        return None if value is None else write(value, self.GRADIO_CACHE)

    def move_resource_to_block_cache(self, url_or_file_path: str | Path | None) -> str | None:
        """Return a file that is in Gradio's cache already; anything else is told in the page.

        Gradio would copy a file of the server or fetch an address, both named by anybody. Its
        second cache is that of answers to examples.
        """
        if url_or_file_path is None:
            return None
        with told():
            cached(str(url_or_file_path), self.GRADIO_CACHE, get_cache_folder())
        return super().move_resource_to_block_cache(url_or_file_path)

    async def async_move_resource_to_block_cache(
        self, url_or_file_path: str | Path | None
    ) -> str | None:
        """Do the same inside of a request."""
        return self.move_resource_to_block_cache(url_or_file_path)

    def process_example(self, value: Given | None) -> str:
        """Return a small picture and the prompt for a table of examples."""
        return "" if value is None else as_html(to_value(value))

    def example_payload(self) -> dict[str, Any]:
        """Return what an API client may send."""
        return {"sketch": None, "prompt": "a red fox", "seed": 42}

    def example_value(self) -> dict[str, Any]:
        """Return what a function may give."""
        return self.example_payload()

    def api_info(self) -> dict[str, Any]:
        """Return the schema of the value."""
        return Component.api_info(self)

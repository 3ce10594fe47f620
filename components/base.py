"""What the components share: an element in a page of Gradio, the server it talks to, its params."""

from __future__ import annotations

import inspect
import json
from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import gradio as gr
from gradio.blocks import Block
from gradio.components.base import Component
from gradio.utils import get_cache_folder

from livedraft import elements
from livedraft.protocol.values import plain_params

from .home import app_of
from .markup import HOME, LABEL_CSS, labelled, on_load, tag
from .uploads import cached, explained

# Judges params by the schema of a model of the app's server, empty: its default; or raises
# InvalidParams. Returns the names of all that the model takes.
Judge = Callable[[str, Mapping[str, Any]], tuple[str, ...]]

# What pictures and sound go by; "auto" begins by the WebSocket, and goes on by WebRTC.
Transport = Literal["auto", "websocket", "webrtc"]

_OF_GRADIO = inspect.signature(gr.HTML.__init__).parameters.keys()


class LiveComponent(gr.HTML):
    """An element of livedraft in a page of Gradio.

    Who derives from it names the element and writes ``__init__`` with what its tag takes; whatever
    else is given by keyword is a param of the model. ``livedraft.launch`` says the server's token,
    and judges params by the model's schema, before the app is served and at each update.
    """

    element: ClassVar[str]  # its tag
    script: ClassVar[str]  # the built file that defines it
    joining: ClassVar[str]  # the script that joins it to Gradio, after what all of them do
    runtime_token = ""  # of the server beside the app; ``livedraft.launch`` says it
    runtime_judge: Judge | None = None

    def __init__(
        self,
        value: Any,
        *,
        model: str,
        url: str,
        token: str,
        params: Mapping[str, Any],
        label: str | None,
        show_label: bool | None,
        **of_gradio: Any,
    ) -> None:
        """Make the component, once those of its own attributes are set that Gradio reads back.

        ``params`` are the model's; those whose names the component has itself stand in a map
        ``params`` among them, as Gradio writes all of them when it makes a component anew. Raises
        InvalidParams for what cannot be sent, or what the model does not take.
        """
        self.model, self.url, self.token = model, url, token
        named = {**params.get("params", {}), **params}
        named.pop("params", None)
        self.params: dict[str, Any] = plain_params(
            {name: each for name, each in named.items() if each is not None}
        )
        super().__init__(
            value,
            label=label,
            show_label=True if show_label is None else show_label,
            container=True,  # Gradio ignores show_label without one
            css_template=LABEL_CSS,
            head=f"<script>{elements.read(self.script)}</script>",
            apply_default_css=False,
            **of_gradio,
            **{name: each for name, each in self.params.items() if name not in _OF_GRADIO},
        )
        with explained():
            self.judge(self.params)

    def judge(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the names of all params of the model; none, where its server is not known yet.

        Raises InvalidParams for params that it does not take.
        """
        judge = self.runtime_judge or getattr(app_of(self), "runtime_judge", None)
        return judge(self.model, params) if judge is not None and not self.url else ()

    def get_config(self, cls: type[Block] | None = None) -> dict[str, Any]:
        """Return the component as the page gets it; gr.HTML has no use for another class.

        An update from Python replaces all props, so what stays is written into the tag.
        """
        label = None if self.label is None else str(self.label)
        own_token = (
            "" if self.url else self.runtime_token or getattr(app_of(self), "runtime_token", "")
        )
        html = tag(
            self.element,
            url=self.url or HOME,
            token=self.token or own_token or None,
            model=self.model or None,
            params=json.dumps(self.params) if self.params else None,
            **self.attributes(label),
        )
        return {
            **super().get_config(),
            "html_template": labelled(html, label, shown=bool(self.show_label)),
            "js_on_load": on_load(self.element, {*self.params, *self.judge({})}, self.joining),
            "show_label": False,
            "container": False,
        }

    # gr.HTML's value is any text; that of an element is what its two methods below say.
    def preprocess(self, payload: Any) -> Any:
        """Return what came from the page, for Python; what is wrong with it is told there."""
        with explained():
            return None if payload is None else self.from_page(payload)

    def postprocess(self, value: Any) -> Any:
        """Return what a function gave, for the page."""
        return None if value is None else self.to_page(value)

    @abstractmethod
    def from_page(self, payload: Any) -> Any:
        """Return a value of the page's for Python; raise BadInput for one that cannot be."""

    @abstractmethod
    def to_page(self, value: Any) -> Any:
        """Return a value of Python's for the page."""

    @abstractmethod
    def attributes(self, label: str | None) -> dict[str, Any]:
        """Return the tag's own attributes; the component may have a label."""

    def move_resource_to_block_cache(self, url_or_file_path: str | Path | None) -> str | None:
        """Return a file that is in Gradio's cache already; anything else is told in the page.

        Gradio would copy a file of the server or fetch an address, both named by anybody. Its
        second cache is that of answers to examples.
        """
        if url_or_file_path is None:
            return None
        with explained():
            cached(str(url_or_file_path), self.GRADIO_CACHE, get_cache_folder())
        return super().move_resource_to_block_cache(url_or_file_path)

    async def async_move_resource_to_block_cache(
        self, url_or_file_path: str | Path | None
    ) -> str | None:
        """Do the same inside of a request."""
        return self.move_resource_to_block_cache(url_or_file_path)

    def example_value(self) -> Any:
        """Return what a function may give."""
        return self.example_payload()

    def api_info(self) -> dict[str, Any]:
        """Return the schema of the value."""
        return Component.api_info(self)

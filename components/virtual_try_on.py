"""Virtual try-on for Gradio: a shop's garments on a visitor's photo, which Gradio never sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import gradio as gr
from gradio.components.base import Component
from gradio.events import EventListener, Events

from livedraft.errors import InvalidParams
from livedraft.media.sources import PictureSource

from .base import LiveComponent, Transport
from .garments import Garment, data_url, find, for_page, is_address
from .uploads import explained, without_files

MOST_WORN = 2  # a top, and trousers or a skirt
# Params of one photo, by which it is corrected, and what the element asks of the model itself.
_OF_THE_PAGE = ("joints", "points", "subject", "view")

# No picture goes to Gradio: neither the visitor's nor what is made of it, nor where a body is.
SCRIPT = """
const OURS = new Set(["joints", "points", "subject", "view"]);
const told = (skus) => ({
  skus,
  params: Object.fromEntries(Object.entries(el.params).filter(([name]) => !OURS.has(name))),
});
on("ready", () => trigger("ready", {}));
on("tryon-start", ({ skus }) => trigger("start", told(skus)));
on("tryon-shown", ({ skus, ms }) => {
  props.value = told(skus);
  trigger("shown", { ...told(skus), ms });
});
on("tryon-failed", ({ skus, code, message, fix }) =>
  trigger("failed", { ...told(skus), code, message, fix }));
on("add-to-cart", (garment) => trigger("add_to_cart", garment));

const take = () => {
  const { skus = [], params = {} } = props.value ?? {};
  quiet = true;
  try {
    el.params = given(params);
    el.wear(...skus);
  } finally { quiet = false; }
};
watch("value", take);
watch("person", () => { if (props.person) el.setAttribute("person", props.person); });
watch("garments", () => { if (props.garments) el.garments = props.garments; });
if (props.value) take();
"""

# Of any type, since Gradio types such lists in two ways.
EVENTS: list[Any] = [
    Events.change,
    EventListener("ready", doc="Triggered when the session with the model is open."),
    EventListener("start", doc="Triggered when a garment is to be tried on."),
    EventListener("shown", doc="Triggered when the picture of it is on show."),
    EventListener("failed", doc="Triggered when no picture could be made."),
    EventListener("add_to_cart", doc="Triggered when a garment is to go into the cart."),
]


@dataclass(frozen=True, slots=True)
class TryOnValue:
    """What is worn: SKUs, from top to bottom, and the params; nothing of who wears it."""

    skus: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def sku(self) -> str | None:
        """The first of them."""
        return self.skus[0] if self.skus else None


TryOnLike = TryOnValue | str | Sequence[str] | Mapping[str, Any]


class VirtualTryOn(LiveComponent):
    """Show ``<livedraft-tryon>``: a photo or a camera, and the garments of a shop on it.

    Photos and pictures go between the page and the runtime, past Gradio, and nothing of them is
    written anywhere; serve both on one port with ``livedraft.launch(demo)``. Gradio sees the value,
    a TryOnValue: which SKUs are worn.

    Events: ``ready`` (the model answers), ``start`` (a garment is to be tried on), ``shown`` and
    ``failed`` (how that ended), ``add_to_cart``, ``change`` (the value is new). Their listeners
    find ``skus`` in ``gr.EventData``, ``ms`` in that of ``shown``, ``code``, ``message`` and
    ``fix`` in that of ``failed``; ``sku``, ``title``, ``category``, ``price`` and ``url`` in that
    of ``add_to_cart``. Where the component is an output, give ``show_progress="hidden"``.
    """

    EVENTS = EVENTS
    element = "livedraft-tryon"
    script = "livedraft-tryon.js"
    joining = SCRIPT

    def __init__(
        self,
        value: TryOnLike | Callable[..., Any] | None = None,
        *,
        garments: Sequence[Garment] | Sequence[Mapping[str, Any]] = (),
        model: str = "tryon",
        refine_model: str = "",
        person: PictureSource | None = None,
        lang: str | None = None,
        mirror: bool | None = None,
        transport: Transport | None = None,
        notice: str | None = None,
        notice_reason: str | None = None,
        limit: str | None = None,
        cart: bool = True,
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
            value: What is worn at first: a SKU, several, a TryOnValue, a map with ``skus`` and
                ``params``, or a function that returns one of them.
            garments: What the shop offers: maps of ``sku``, ``image`` (an https address, a path, a
                PIL picture, bytes, an array), ``category`` ("upper", "lower", "dress"), ``title``,
                ``url`` and ``price``. Pictures other than addresses stand in the page itself.
            model: The model's name.
            refine_model: The model that makes the final pictures; empty is the same.
            person: A picture to begin with, of a model of the shop's: everybody who opens the page
                sees it. A visitor's photo is chosen in the page alone.
            lang: The language, as "de"; by default the page's.
            mirror: Whether the camera is shown as in a mirror, which is the default.
            transport: What the camera goes by: the WebSocket, unless said otherwise; with
                "auto" WebRTC once that stands.
            notice: What a visitor reads before the first photo, in place of the element's text.
            notice_reason: What the shop says for doing without a notice, with ``notice="none"``.
            limit: How many tries a visitor has, as "20 per day".
            cart: Whether a garment can be put into the cart.
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
            params: Params of the model by name, such as ``fit``; ``livedraft models tryon`` lists
                them. Those that are called as something above stand in a map, ``params={…}``.

        Raises gr.Error, which says what to do, for what is no garment or no picture and for params
        that the model does not take; of these InvalidParams comes from ``livedraft.launch``.
        """
        # Gradio reads each of them back by its name, and shows it to the page.
        with explained():
            self.garments = for_page(garments)
            self.person = person if person is None or is_address(person) else data_url(person, 2048)
        self.refine_model, self.lang, self.mirror = refine_model, lang, mirror
        self.transport = transport
        self.notice, self.notice_reason, self.limit = notice, notice_reason, limit
        self.cart, self.height = cart, height
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

    @property
    def constructor_args(self) -> dict[str, Any]:
        """Return what it was made with, as a page may see it: an update is sent as it stands."""
        given = dict(super().constructor_args)
        ours = [name for name in ("garments", "person") if name in given]
        return given | {name: getattr(self, name) for name in ours}

    def attributes(self, label: str | None) -> dict[str, Any]:
        """Return the tag's own attributes."""
        return {
            "refine_model": self.refine_model or None,
            "garments": json.dumps(self.garments, ensure_ascii=False) if self.garments else None,
            "person": self.person,
            "lang": self.lang,
            "transport": self.transport,
            "mirror": None if self.mirror is None else ("on" if self.mirror else "off"),
            "notice": self.notice,
            "notice_reason": self.notice_reason,
            "limit": self.limit,
            "cart": None if self.cart else "off",
            "height": self.height,
        }

    def from_page(self, payload: object) -> TryOnValue:
        """Return what is worn; raise InvalidParams for what this shop does not offer."""
        return self._value(payload)

    def to_page(self, value: TryOnLike) -> dict[str, Any]:
        """Return what to wear."""
        worn = self._value(value)
        return {"skus": list(worn.skus), "params": worn.params}

    def process_example(self, value: TryOnLike | None) -> str:
        """Return small pictures of garments and their titles, for a table of examples."""
        if value is None:
            return ""
        found = [find(self.garments, sku) for sku in self._value(value).skus]
        style = "display:inline-block;height:64px;background:white;border-radius:8px"
        return " ".join(
            f'<img src="{escape(each["image"])}" alt="" style="{style}"> '
            f"{escape(each.get('title', each['sku']))}"
            for each in found
        )

    def example_payload(self) -> dict[str, Any]:
        """Return what an API client may send."""
        return {"skus": [each["sku"] for each in self.garments[:1]]}

    def api_info(self) -> dict[str, Any]:
        """Return the schema of the value."""
        skus = {"type": "array", "items": {"type": "string"}, "maxItems": MOST_WORN}
        return {
            "type": "object",
            "properties": {"skus": skus, "params": {"type": "object"}},
            "description": "what is worn, by the shop's SKUs, and params; never a photo",
        }

    def _value(self, given: object) -> TryOnValue:
        if isinstance(given, TryOnValue):
            given = {"skus": given.skus, "params": given.params}
        elif isinstance(given, (str, list, tuple)):
            given = {"skus": given}
        if not isinstance(given, Mapping) or not {*given} <= {"skus", "params"}:
            raise InvalidParams(
                f"what is worn is {str(given)[:60]!r}", fix='give a SKU, or {"skus": ["tee-1"]}'
            )
        skus, params = given.get("skus") or (), given.get("params") or {}
        skus = [skus] if isinstance(skus, str) else skus
        if not isinstance(skus, (list, tuple)) or not all(isinstance(sku, str) for sku in skus):
            raise InvalidParams("SKUs are texts", fix='give {"skus": ["tee-1"]}')
        if len(skus) > MOST_WORN:
            raise InvalidParams(f"{len(skus)} garments at once", fix="a top and one below it")
        if not isinstance(params, Mapping):
            raise InvalidParams("params is no map", fix='give {"fit": 0.5}')
        for sku in skus if self.garments else ():  # what is made in a listener may have none
            find(self.garments, sku)
        kept = {name: each for name, each in params.items() if name not in _OF_THE_PAGE}
        self.judge(kept)
        return TryOnValue(tuple(skus), without_files(kept))

"""A shop in Gradio as its owner writes it; what its functions are told goes to standard output."""

from __future__ import annotations

import gradio as gr
from PIL import Image

import livedraft as ld
from livedraft.components import TryOnValue, VirtualTryOn

GARMENTS = [
    {"sku": "tee-1", "image": Image.new("RGB", (64, 64), "red"), "title": "Red tee"},
    {"sku": "tee-2", "image": Image.new("RGB", (64, 64), "blue"), "title": "Blue tee"},
]


def shown(value: TryOnValue | None, event: gr.EventData) -> str:
    """Say what is worn."""
    print("shown", value, vars(event), flush=True)
    return f"worn: {value.sku if value else None}"


def cart(event: gr.EventData) -> str:
    """Say what is bought."""
    print("cart", vars(event), flush=True)
    return f"cart: {event.sku}"


with gr.Blocks() as demo:
    tryon = VirtualTryOn(model="mirror", garments=GARMENTS, label="Try on")
    told, bought = gr.Textbox(label="Told"), gr.Textbox(label="Bought")
    tryon.shown(shown, tryon, told)
    tryon.failed(shown, tryon, told)
    tryon.add_to_cart(cart, None, bought)
    gr.Button("Blue").click(lambda: "tee-2", None, tryon, show_progress="hidden")

if __name__ == "__main__":
    ld.launch(demo, models=["mirror"], port=0, log_level="debug")

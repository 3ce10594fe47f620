"""What type checkers must see of the public API; they read this file, nothing runs it."""

from collections.abc import Sequence
from typing import Any, assert_type

import gradio as gr
import numpy as np
from PIL import Image

import livedraft
from livedraft.components import SketchToImage, SketchValue


def blocking(client: livedraft.Client) -> None:
    """Use the blocking client."""
    assert_type(client.models(), list[livedraft.ModelInfo])
    assert_type(client.generate("a red fox", sketch="fox.png", seed=42), Image.Image)
    assert_type(client.generate(sketch=np.zeros((8, 8, 3), np.uint8)), Image.Image)
    with client.session("ink", prompt="a red fox") as session:
        assert_type(session, livedraft.Session)
        session.send(Image.new("RGBA", (8, 8)))
        session.send({"sketch": None}, strength=0.7)
        assert_type(session.update(strength=0.7), dict[str, Any])
        assert_type(session.refine(), livedraft.Frame)
        for frame in session.frames():
            assert_type(frame.image, Image.Image)
            assert_type(frame.stage, livedraft.Stage)
            assert_type(frame.timings, dict[str, float])
        session.send(livedraft.AudioChunk(np.zeros((9, 1), np.int16), 16_000, 0))
        session.send({"face": np.zeros((8, 8, 3), np.uint8), "voice": np.zeros(9, np.int16)})
        for output in session.outputs():
            assert_type(output, livedraft.Still | livedraft.VideoChunk | livedraft.AudioChunk)


async def asynchronous(client: livedraft.AsyncClient) -> None:
    """Use the asynchronous client."""
    assert_type(await client.generate("a red fox"), Image.Image)
    async with client.session("ink") as session:
        assert_type(session, livedraft.AsyncSession)
        await session.send(b"")
        assert_type(await session.refine(), livedraft.Frame)
        async for frame in session.frames():
            assert_type(frame, livedraft.Frame)
        async for output in session.outputs():
            assert_type(output, livedraft.Still | livedraft.VideoChunk | livedraft.AudioChunk)


def errors(error: livedraft.LivedraftError) -> tuple[str, bool, str]:
    """Read an error."""
    return error.code, error.retryable, error.fix


def component(value: SketchValue, listeners: Sequence[Any]) -> None:
    """Use the component."""
    assert_type(value.image, Image.Image | None)
    assert_type(value.prompt, str)
    with gr.Blocks() as demo:
        SketchToImage(model="ink", prompt="a red fox", seed=42, layout="over")
    livedraft.launch(demo, port=0)

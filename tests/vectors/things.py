"""What the messages of the vectors tell of: a picture, params, a model, tracks."""

from __future__ import annotations

from typing import Any

from livedraft.protocol.messages import Track

PICTURE = bytes.fromhex("89504e470d0a1a0a") + bytes(range(24))
PARAMS: dict[str, Any] = {"prompt": "a red fox, Fuchs, 狐", "seed": 2**32 - 1, "strength": 0.6}
MODEL: dict[str, Any] = {
    "id": "echo",
    "title": "Null model",
    "width": 512,
    "height": 512,
    "alpha": False,
    "inputs": [{"name": "sketch", "width": 512, "height": 512, "alpha": False, "required": False}],
    "draft_steps": 1,
    "max_steps": 100,
    "params_schema": {"properties": {"prompt": {"type": "string", "default": ""}}},
}

CAMERA = Track(
    name="camera",
    way="in",
    kind="video",
    policy="latest",
    max_s=0.0,
    codecs=["jpeg", "webp", "png", "vp8", "h264"],
    width=640,
    height=360,
    rate=30.0,
    channels=0,
    required=True,
)
VOICE = Track(
    name="voice",
    way="out",
    kind="audio",
    policy="",
    max_s=0.0,
    codecs=["pcm-s16"],
    width=0,
    height=0,
    rate=16000.0,
    channels=1,
    required=False,
)

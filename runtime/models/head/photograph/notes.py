"""What a user should know of a portrait, each with a way out."""

from __future__ import annotations

from livedraft.protocol.messages import Note


def _note(code: str, message: str) -> Note:
    return Note(code=code, message=message, param="portrait", choices=[])


SEVERAL_FACES = _note(
    "several_people",
    "Several faces are seen; the largest in the middle speaks. Crop the picture to use another.",
)
FACE_SMALL = _note(
    "face_small", "The face is small in the picture, and looks soft. Send a larger or closer one."
)
FACE_TURNED = _note(
    "face_turned",
    "The face is turned aside, and moves less well than one that looks at the camera.",
)
TOO_DARK = _note("too_dark", "The face is very dark. Take a picture in better light.")
MOUTH_HIDDEN = _note(
    "mouth_hidden",
    "Something covers a part of the mouth, and is warped with it. Show the whole face.",
)
DRAWING = _note(
    "drawing",
    "This looks like a drawing, and is moved as a photograph is. An avatar may look better.",
)

"""What a user should know of a try-on, each with a way out."""

from __future__ import annotations

from livedraft.protocol.messages import Note

from .body.frame import Body
from .body.look import Look


def _note(code: str, param: str, message: str, choices: tuple[str, ...] = ()) -> Note:
    return Note(code=code, message=message, param=param, choices=list(choices))


NO_PERSON = _note(
    "no_person",
    "subject",
    "Nobody is seen in the picture. Take one from the front, head and hips in it, in good light.",
)
SEVERAL_PEOPLE = _note(
    "several_people", "subject", "Several people are seen. Tap the one who tries it on."
)
BACK_VIEW = _note(
    "back_view",
    "subject",
    "The person is seen from behind, and the garment from its front. Turn to the camera.",
)
ARM_UNSEEN = _note(
    "arm_unseen",
    "joints",
    "An arm is not seen, so its sleeve hangs straight down. Move its joints to where they are.",
)
SLEEVES_KEPT = _note(
    "arm_unseen",
    "joints",
    "No skin is seen to paint bare arms from, so the old sleeves stay. Show face or hands.",
)
SLEEVES_REMOVED = _note(
    "sleeves_removed",
    "sleeves",
    "The old sleeves are longer; the arms under them are painted in your own skin's tone.",
    ("long",),
)
HANDS_OVER_CLOTHES = _note(
    "hands_over_clothes",
    "joints",
    "Arms lie before the clothes; their edges may be off. Let them hang for a better picture.",
)
CLOTHES_UNSEEN = _note(
    "clothes_unseen",
    "subject",
    "Hardly any clothes are seen on the person. Take a picture with the upper body in it.",
)
GARMENT_MISSING = _note(
    "garment_unclear", "sku", "No garment is chosen yet. Send its picture, or name its SKU."
)


def of_person(body: Body, look: Look) -> list[Note]:
    """Return what is to be said of a person's picture."""
    said = []
    if body.turned:
        said.append(BACK_VIEW)
    if not all(body.arms_seen):
        said.append(ARM_UNSEEN)
    if look.clothed < 0.25:
        said.append(CLOTHES_UNSEEN)
    return said

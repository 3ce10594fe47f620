"""What a user should know of a try-on, each with a way out."""

from __future__ import annotations

from livedraft.protocol.messages import Note

from .body.frame import Body
from .body.look import Look
from .body.pictured import aside, small


def _note(code: str, param: str, message: str, choices: tuple[str, ...] = ()) -> Note:
    return Note(code=code, message=message, param=param, choices=list(choices))


NO_PERSON = _note(
    "no_person",
    "subject",
    "Nobody is seen in the picture. Take one from the front, close enough that head and hips "
    "nearly fill it, upright and in good light.",
)
SEVERAL_PEOPLE = _note(
    "several_people", "subject", "Several people are seen. Tap the one who tries it on."
)
BACK_VIEW = _note(
    "back_view",
    "subject",
    "The person is seen from behind, and the garment from its front. Turn to the camera.",
)
SIDE_VIEW = _note(
    "side_view",
    "subject",
    "The person is turned to the side, or cut off by the picture's edge. Take one from the front, "
    "with both shoulders in it.",
)
PERSON_SMALL = _note(
    "person_small",
    "subject",
    "The person is small in the picture. Come closer, or crop it around them.",
)
TOO_DARK = _note(
    "too_dark",
    "subject",
    "The picture is very dark, so edges may be off. Take it in better light.",
)
LEGS_UNSEEN = _note(
    "legs_unseen",
    "subject",
    "No legs are seen in the picture, so nothing is put on them. Take one from head to feet.",
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
    "The old sleeves are longer, so the arms under them are painted in your own skin's tone. Wear "
    "something short, or choose long sleeves, for a surer picture.",
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


def of_body(body: Body) -> list[Note]:
    """Return what is to be said of how a picture shows somebody."""
    said = []
    if aside(body):
        said.append(SIDE_VIEW)
    elif body.turned:
        said.append(BACK_VIEW)
    if small(body):
        said.append(PERSON_SMALL)
    return said


def of_look(body: Body, look: Look) -> list[Note]:
    """Return what is to be said of what is seen of somebody's clothes."""
    said = []
    if not all(body.arms_seen):
        said.append(ARM_UNSEEN)
    if look.clothed < 0.25:
        said.append(CLOTHES_UNSEEN)
    return said

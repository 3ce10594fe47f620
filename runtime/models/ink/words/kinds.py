"""How large the things of a scene are beside each other, and what can be done with them.

A thing's kind is the subgroup that Unicode puts its emoji in. Sizes are those of a picture book,
not of nature: on one page a fox is not ten times as large as an apple.
"""

from __future__ import annotations

from collections.abc import Mapping

MEDIUM = 1.0
_SIZES = {  # by kinds, or by what they begin with
    "animal-bug": 0.5,
    "animal-bird": 0.75,
    "animal-mammal": 1.05,
    "animal": 0.95,
    "plant-flower": 0.75,
    "plant": 0.9,
    "food": 0.65,
    "drink": 0.65,
    "dishware": 0.7,
    "place": 1.7,
    "transport": 1.35,
    "sky": 0.75,
    "person": 1.1,
    "clothing": 0.6,
    "heart": 0.6,
    "sport": 0.6,
    "arts": 0.7,
    "music": 0.8,
    "phone": 0.5,
    "computer": 0.8,
    "light-video": 0.6,
    "book": 0.6,
    "money": 0.45,
    "mail": 0.5,
    "writing": 0.5,
    "tool": 0.6,
}
_OWN_SIZES = {  # what its kind says too little of
    2.0: "mountain,snow-capped mountain,mount fuji,volcano",
    1.6: "giraffe,elephant,mammoth,whale,spouting whale,dragon,sauropod,t-rex",
    1.5: "deciduous tree,evergreen tree,palm tree,christmas tree,tanabata tree,rainbow,umbrella,"
    "umbrella on ground,umbrella with rain drops",
    1.3: "horse,camel,two-hump camel,cow,ox,bear,polar bear,rhinoceros,hippopotamus,moose,bison",
    1.2: "bed,couch and lamp,bathtub,snowman,snowman without snow,water wave,balloon",
    0.95: "bicycle,motorcycle,motor scooter,kick scooter,chair,basket,bucket,wrapped gift",
    0.9: "teddy bear,jack-o-lantern,rock,pineapple",
    0.6: "mouse,mouse face,rat,hamster,chipmunk,hedgehog,bat,baby chick,hatching chick,frog",
    0.55: "fish,tropical fish,blowfish,shrimp,snail,spiral shell",
    0.45: "star,skateboard,roller skate,brick,strawberry",
}
_SEATS = {  # how far below its top one sits on it, as a share of its height
    "chair": 0.62,
    "bed": 0.45,
    "couch and lamp": 0.62,
    "seat": 0.6,
    "bicycle": 0.3,
    "motorcycle": 0.35,
    "motor scooter": 0.5,
    "horse": 0.32,
    "sled": 0.4,
    "playground slide": 0.3,
    "desert island": 0.75,
    "water wave": 0.5,
}
_RIMS = {  # where the front of what holds things begins, as a share of its height below its top
    "canoe": 0.35,
    "motor boat": 0.5,
    "speedboat": 0.35,
    "sailboat": 0.6,
    "basket": 0.3,
    "bucket": 0.0,
    "bathtub": 0.45,
    "steaming bowl": 0.4,
    "bowl with spoon": 0.3,
    "pot of food": 0.3,
    "shallow pan of food": 0.4,
    "teacup without handle": 0.25,
    "hot beverage": 0.25,
    "cup with straw": 0.3,
    "tumbler glass": 0.0,
    "wrapped gift": 0.2,
    "top hat": 0.0,
    "nest with eggs": 0.35,
    "empty nest": 0.3,
    "shopping cart": 0.2,
    "shopping bags": 0.2,
    "handbag": 0.3,
    "backpack": 0.2,
    "package": 0.2,
    "potted plant": 0.5,
    "toolbox": 0.3,
    "water wave": 0.4,
    "beer mug": 0.2,
    "jar": 0.2,
    "bed": 0.4,
    "open mailbox with raised flag": 0.2,
    "wastebasket": 0.1,
    "luggage": 0.2,
}
_HOLDERS = {"sailboat": "canoe", "hot beverage": "teacup without handle"}  # the same, but open
_SHELTERS = frozenset(
    "umbrella,umbrella on ground,umbrella with rain drops,beach with umbrella,palm tree,"
    "deciduous tree,evergreen tree,christmas tree,tanabata tree,mushroom,brown mushroom".split(",")
)
_FLYING = frozenset("balloon kite parachute".split())
_SKY = frozenset(  # what is up there without being said to be
    "sun,sun with face,cloud,sun behind cloud,rainbow,star,glowing star,shooting star,comet,"
    "ringed planet,full moon,new moon,crescent moon,full moon face,new moon face,"
    "cloud with rain,cloud with lightning,cloud with snow,cloud with lightning and rain,"
    "sun behind small cloud,sun behind large cloud,sun behind rain cloud,waning crescent moon,"
    "waxing crescent moon,first quarter moon,last quarter moon,milky way".split(",")
)
_HATS = ("hat", "cap", "crown", "helmet")
_BODY = ("body-parts", "hand", "person-symbol")
_PARTS = (
    frozenset(  # nouns that belong to what they stand "with", though there are drawings of some
        "hair tail window door wheel leaf roof trunk horn stripe spot dot eye ear nose mouth wing "
        "feather seed petal stem sail garden leg head face beard branch".split()
    )
)


class Kinds:
    """Sizes and uses of drawings by their labels."""

    def __init__(self, kinds: Mapping[str, list[str]]) -> None:
        """Take the labels of each kind."""
        self._kinds = {label: kind for kind, labels in kinds.items() for label in labels}
        self._own = {
            label: size for size, names in _OWN_SIZES.items() for label in names.split(",")
        }

    def size(self, label: str) -> float:
        """Return how large a thing is drawn, 1 for a dog."""
        if label in self._own:
            return self._own[label]
        kind = self._kinds[label]
        return next((size for name, size in _SIZES.items() if kind.startswith(name)), MEDIUM)

    def seat(self, label: str) -> float | None:
        """Return how far below its top one sits on it, a share of its height; None for on top."""
        return _SEATS.get(label)

    def rim(self, label: str) -> float | None:
        """Return how far below its top the front of a container begins; None for no container."""
        return _RIMS.get(label)

    def holder(self, label: str) -> str:
        """Return the drawing of the same thing that something can be in."""
        return _HOLDERS.get(label, label)

    def shelters(self, label: str) -> bool:
        """Return whether what is under it stands beside its stem."""
        return label in _SHELTERS

    def flies(self, label: str) -> bool:
        """Return whether who has it holds it by a string."""
        return label in _FLYING

    def in_the_sky(self, label: str) -> bool:
        """Return whether it is above everything else."""
        return label in _SKY

    def is_hat(self, label: str) -> bool:
        """Return whether it is worn on the head."""
        return self._kinds[label] == "clothing" and label.split()[-1] in _HATS

    def is_worn(self, label: str) -> bool:
        """Return whether who has it mostly wears it."""
        return self._kinds[label] == "clothing"

    def is_part(self, noun: str, label: str) -> bool:
        """Return whether what stands "with" a thing is a part of it; `label` may be empty."""
        return noun in _PARTS or (bool(label) and self._kinds[label].startswith(_BODY))

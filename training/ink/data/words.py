"""Write the words of the line drawings that ship: `python -m training.ink.data.words`.

Keywords are those of emojibase and emojilib (both MIT) by label. Names are what an emoji is called
in Unicode, for a prompt that holds it, and what people call a thing whose label is another word.
Kinds are Unicode's subgroups ("animal-bug"): how large a thing is beside another goes by them.
"""

from __future__ import annotations

import argparse
import json
import zipfile
from pathlib import Path

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.words.emoji import spell_emoji

from .captions import read_concepts, read_kinds
from .dataset import CACHE
from .sources import CAPTIONS, fetch

NAMES = {
    "apple": "red apple",
    "ball": "soccer ball",
    "bee": "honeybee",
    "bike": "bicycle",
    "boat": "sailboat",
    "bonsai": "potted plant",
    "book": "closed book",
    "boot": "woman’s boot",
    "burger": "hamburger",
    "car": "automobile",
    "city": "cityscape",
    "clock": "mantelpiece clock",
    "cocktail": "cocktail glass",
    "coffee": "hot beverage",
    "coffee mug": "hot beverage",
    "computer": "desktop computer",
    "corn": "ear of corn",
    "couch": "couch and lamp",
    "cup": "teacup without handle",
    "dinosaur": "sauropod",
    "donut": "doughnut",
    "face": "smiling face",
    "flower": "blossom",
    "fries": "french fries",
    "hamburger": "hamburger",
    "happy face": "smiling face",
    "heart": "red heart",
    "hot air balloon": "balloon",
    "king": "person with crown",
    "kitten": "cat",
    "ladybird": "lady beetle",
    "ladybug": "lady beetle",
    "lightning": "high voltage",
    "milk": "glass of milk",
    "moon": "crescent moon",
    "motorbike": "motorcycle",
    "noodle": "steaming bowl",
    "ocean": "water wave",
    "orange": "tangerine",
    "pasta": "spaghetti",
    "phone": "mobile phone",
    "piano": "musical keyboard",
    "plane": "airplane",
    "planet": "ringed planet",
    "plant": "potted plant",
    "present": "wrapped gift",
    "gift": "wrapped gift",
    "pumpkin": "jack-o-lantern",
    "puppy": "dog face",
    "ramen": "steaming bowl",
    "sad face": "disappointed face",
    "sea": "water wave",
    "shoe": "running shoe",
    "smiley": "smiling face",
    "sneaker": "running shoe",
    "sofa": "couch and lamp",
    "soup": "pot of food",
    "spaceship": "flying saucer",
    "sports car": "racing car",
    "steak": "cut of meat",
    "tea": "teacup without handle",
    "teacup": "teacup without handle",
    "tree": "deciduous tree",
    "apple tree": "deciduous tree",
    "oak": "deciduous tree",
    "oak tree": "deciduous tree",
    "fir": "evergreen tree",
    "pine": "evergreen tree",
    "pine tree": "evergreen tree",
    "forest": "evergreen tree",
    "truck": "delivery truck",
    "tv": "television",
    "ufo": "flying saucer",
    "wave": "water wave",
    "wine": "wine glass",
    "witch": "woman mage",
    "wizard": "mage",
}


def write(cache: Path, drawings: Path, file: Path) -> int:
    """Write the words of every drawing in a zip file; return how many drawings there are."""
    with zipfile.ZipFile(drawings) as archive:
        labels = [name.removesuffix(".png") for name in archive.namelist()]
    packages = cache / "packages"
    for package in CAPTIONS:
        fetch(package, packages)
    concepts = read_concepts(packages)
    words = {concept.label: concept.words for concept in concepts.values()}
    keywords = {label: words[label] for label in labels}
    strangers = {name: label for name, label in NAMES.items() if label not in keywords}
    if strangers:
        raise ValueError(f"no drawings for {strangers}")
    printed = {
        spell_emoji(chr(int(code, 16))).strip(): concept.label
        for code, concept in concepts.items()
        if "-" not in code and concept.label in keywords
    }
    others = {name: label for name, label in printed.items() if name and name != label}
    kinds: dict[str, list[str]] = {}
    for label, kind in read_kinds(packages).items():
        if label in keywords:
            kinds.setdefault(kind, []).append(label)
    data = {"names": others | NAMES, "kinds": kinds, "keywords": keywords}
    file.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), "utf-8")
    return len(labels)


def main() -> None:
    """Parse the command line and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--drawings", type=Path, default=WEIGHTS / "drawings.zip")
    parser.add_argument("--file", type=Path, default=WEIGHTS / "words.json")
    options = parser.parse_args()
    print(f"words of {write(options.cache, options.drawings, options.file)} drawings")


if __name__ == "__main__":
    main()

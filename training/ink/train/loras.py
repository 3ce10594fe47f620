"""Rebuild the LoRAs that ship with `ink`: `python -m training.ink.train.loras`.

Their pictures are of the Open Clip Art Library, all dedicated to the public domain by their
authors, as Debian packs them. Train them again whenever ink's weights change. Cards
and pictures are written, too.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

import resvg_py
import torch
from PIL import Image

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.ink import WEIGHTS, Ink
from livedraft.runtime.models.ink.tuning.pictures import read_folder
from livedraft.runtime.models.ink.tuning.train import train
from livedraft.runtime.models.tuning.device import DEVICES, choose
from livedraft.runtime.models.tuning.loop import Recipe

from ..card.loras import write_card
from ..data.dataset import CACHE

PACKAGE = "openclipart-svg=1:0.18+dfsg-19"
SHA256 = "989712d90d57dfa3230049f553bb43b76c30ee4d4b8c5f6e106e33f7db5cbdc5"
ROOT = Path("usr/share/openclipart/svg")
SIDE = 384  # px, of a rendered picture
LICENCE = "CC0-1.0"


@dataclass(frozen=True)
class Shipped:
    """One LoRA: its recipe, and the works it learns from by what they show."""

    recipe: Recipe
    works: dict[str, str]


GRAPHITE = Shipped(
    Recipe(
        "graphite",
        "Graphite",
        "Greys from paper white to black, softly shaded, as with a pencil.",
        LICENCE,
    ),
    {
        "penguin": "animals/pinguino_col_piccolo_arc_01.svg",
        "cat": "animals/mammals/housecats/gatto_cat_architetto_fra_03.svg",
        "walking cat": "animals/mammals/cartoon_cat_gerald_g._01.svg",
        "scissors": "office/scissors_forbici_franc_.svg",
        "key": "tools/chiave_architetto_france_01.svg",
        "gears": "tools/ruota_dentata_grigia_2_a_01.svg",
        "bus": "transportation/bus2_bw_jarno_vasamaa_01.svg",
        "fish": "animals/fish/altum_angelfish_01.svg",
        "hat": "people/clothing/hats/hat_-_clothing_nicu_bucu_05.svg",
        "pool ball": "recreation/sports/8ball_nicu_buculei_01.svg",
        "walrus": "animals/seal_sek_.svg",
        "television": "recreation/televisore_telecomando_a_01.svg",
        "balloon": "recreation/party/balloon-black-aj.svg",
        "printer": "computer/hardware/etiquette_printer_01.svg",
        "paper clip": "office/clips_architetto_frances_01.svg",
        "anvil": "tools/blacksmith_anvil_ganson.svg",
        "rhinoceros": "animals/mammals/rhinoceros_architetto_fr_01.svg",
    },
)
PASTEL = Shipped(
    Recipe(
        "pastel",
        "Pastel",
        "Light, quiet colours without hard contrasts.",
        LICENCE,
    ),
    {
        "pear": "food/fruit/pear_01.svg",
        "orange slice": "food/fruit/rondelle_orange_01.svg",
        "purple balloon": "recreation/party/balloon-purple-aj.svg",
        "cat": "animals/mammals/housecats/gatto_cat_architetto_fra_04.svg",
        "pig": "animals/mammals/pig_marcelo_caiafa1.svg",
        "dinosaur": "animals/dinosaurs/dino_architetto_francesc_03.svg",
        "swan": "animals/birds/cigno_di_spalle_architet_01.svg",
        "block of ice": "unsorted/blocco_ghiaccio.svg",
        "airplane": "transportation/vehicles/aircraft_jarno_vasamaa2.svg",
        "sailboat": "transportation/boating/boat_jarno_vasamaa_.svg",
        "milk carton": "food/beverages/milk_carton_jarno_vasama_.svg",
        "blue shoes": "people/clothing/tennis_shoes_jarno_vasam_.svg",
        "wedding cake": "food/desserts/cake1_jarno_vasamaa_01.svg",
        "ice cream": "recreation/party/cone_soft_vanilla.svg",
        "elephant": "unsorted/elefantone.svg",
        "volleyball": "recreation/sports/volley-ball_andrea_bianc_01.svg",
        "goat": "animals/mammals/goat_nicu_buculei_01.svg",
        "soup": "food/soup_jarno_vasamaa_.svg",
        "potato": "food/breads_and_carbs/potato_nicu_buculei_01.svg",
    },
)
SHIPPED = (GRAPHITE, PASTEL)


def unpack(cache: Path) -> Path:
    """Return the folder of the works, from Debian where they are missing; ValueError on a hash."""
    folder = cache / "openclipart"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", PACKAGE], cwd=cache, check=True)
        (package,) = cache.glob("openclipart-svg_*.deb")
        digest = hashlib.sha256(package.read_bytes()).hexdigest()
        if digest != SHA256:
            raise ValueError(f"{package.name}: SHA-256 is {digest}, expected {SHA256}")
        subprocess.run(["dpkg", "-x", package.name, folder.name], cwd=cache, check=True)
    return folder / ROOT


def render(works: dict[str, str], source: Path, folder: Path) -> None:
    """Draw the works as PNG, named by what they show; raise ValueError for one not set free."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in works.items():
        raw = (source / file).read_bytes()
        svg = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
        if "PublicDomain" not in svg:
            raise ValueError(f"{file} does not say that it is in the public domain")
        png = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=SIDE, height=SIDE))
        Image.open(io.BytesIO(png)).save(folder / f"{name.replace(' ', '-')}.png")


def main() -> None:
    """Parse the command line, draw the pictures and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="which; all if none is named")
    parser.add_argument("--cache", type=Path, default=CACHE / "loras")
    parser.add_argument("--folder", type=Path, default=WEIGHTS / "loras")
    parser.add_argument("--minutes", type=float, default=3.5, help="of each")
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    device = choose(options.device)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    source = unpack(options.cache)
    options.folder.mkdir(parents=True, exist_ok=True)
    for one in SHIPPED:
        name = one.recipe.name
        if options.names and name not in options.names:
            continue
        render(one.works, source, options.cache / name)
        recipe = replace(one.recipe, minutes=options.minutes)
        pictures = read_folder(options.cache / name)
        made = options.cache / f"{name}.safetensors"
        tuning = train(recipe, pictures, made, device=device)
        shutil.copyfile(made, options.folder / made.name)
        model = Ink.load(plan=Plan(threads=options.threads))
        if name in {lora.name for lora in model.info.loras}:
            model.detach(name)  # what shipped so far
        read = model.read_lora(name, made)
        assert read is not None, "it was trained for this model"
        model.attach(read)
        write_card(tuning, model, one.works, source, options.folder)


if __name__ == "__main__":
    main()

"""Who the ten are."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

INK = "#191518"


@dataclass(frozen=True, slots=True)
class Person:
    """An avatar to be drawn, in one of two styles."""

    title: str
    style: Literal["lorelei", "notionists"]
    parts: dict[str, str]  # a variant by the name of a part, as the style calls them
    ground: str
    skin: str
    hair: str
    cloth: str
    eyes: Literal["lid", "white", "dot"] = "lid"
    lash: float = 0.0
    smile: float = 0.3
    lips: str | None = None
    hat: str | None = None  # the colour of what is worn in place of hair, where the style inks it
    neckline: Literal["round", "v", "collar"] = "round"
    glasses: str = INK
    extra: dict[str, str] = field(default_factory=dict)


CAST: dict[str, Person] = {
    "ada": Person(
        title="Ada",
        style="lorelei",
        parts={
            "hair": "variant24",
            "head": "variant01",
            "nose": "variant02",
            "eyebrows": "variant09",
            "earrings": "variant02",
        },
        ground="#f6d5b8",
        skin="#9c6440",
        hair="#2b1a18",
        cloth="#d9573f",
        eyes="white",
        lash=1.0,
        lips="#8a3038",
        smile=0.3,
    ),
    "kofi": Person(
        title="Kofi",
        style="notionists",
        parts={
            "hair": "variant22",
            "nose": "variant07",
            "eyebrows": "variant05",
            "clothes": "variant14",
            "beard": "variant02",
        },
        ground="#cfe3d4",
        skin="#8a5a3c",
        hair="#1d1719",
        cloth="#f2b84b",
        eyes="dot",
        lips="#b0705c",
    ),
    "hana": Person(
        title="Hana",
        style="lorelei",
        parts={
            "hair": "variant19",
            "head": "variant01",
            "nose": "variant06",
            "eyebrows": "variant05",
        },
        ground="#d5e4f3",
        skin="#f3d3b6",
        hair="#27222b",
        cloth="#3f6fb0",
        lash=0.8,
        smile=0.28,
        lips="#d0696a",
        neckline="v",
    ),
    "walter": Person(
        title="Walter",
        style="lorelei",
        parts={
            "hair": "variant25",
            "head": "variant04",
            "nose": "variant01",
            "eyebrows": "variant03",
            "glasses": "variant03",
        },
        ground="#e3ddd0",
        skin="#efc8a8",
        hair="#b9b6b2",
        cloth="#56705c",
        eyes="lid",
        neckline="collar",
    ),
    "amira": Person(
        title="Amira",
        style="notionists",
        parts={
            "hair": "variant62",
            "nose": "variant13",
            "eyebrows": "variant05",
            "clothes": "variant21",
        },
        ground="#f3dfe0",
        skin="#d9a679",
        hair="#7a4a78",
        cloth="#e9c7a0",
        eyes="white",
        lash=0.8,
        lips="#b2545c",
    ),
    "mateo": Person(
        title="Mateo",
        style="lorelei",
        parts={
            "hair": "variant04",
            "head": "variant03",
            "nose": "variant04",
            "eyebrows": "variant10",
        },
        ground="#dbe7c9",
        skin="#d39c6c",
        hair="#4a2d22",
        cloth="#e8e2d6",
        eyes="lid",
    ),
    "ruth": Person(
        title="Ruth",
        style="lorelei",
        parts={
            "hair": "variant38",
            "head": "variant01",
            "nose": "variant05",
            "eyebrows": "variant07",
            "glasses": "variant01",
        },
        ground="#e2d9ee",
        skin="#f0cdb3",
        hair="#d8d4d2",
        cloth="#8d5a86",
        eyes="lid",
        lips="#c4746e",
        neckline="collar",
        glasses="#7d3f3f",
    ),
    "harjit": Person(
        title="Harjit",
        style="notionists",
        parts={
            "hair": "variant61",
            "nose": "variant05",
            "eyebrows": "variant09",
            "clothes": "variant13",
            "beard": "variant02",
        },
        ground="#d6e6ea",
        skin="#b57d52",
        hair="#1f1a1c",
        cloth="#f0ead9",
        hat="#e2873c",
        eyes="white",
        lips="#a8624e",
    ),
    "lena": Person(
        title="Lena",
        style="notionists",
        parts={
            "hair": "variant47",
            "nose": "variant06",
            "eyebrows": "variant08",
            "clothes": "variant16",
        },
        ground="#cfe6e4",
        skin="#f6d6c0",
        hair="#c2562f",
        cloth="#2f5d62",
        eyes="white",
        lash=0.7,
        lips="#d4686a",
    ),
    "kai": Person(
        title="Kai",
        style="notionists",
        parts={"hair": "hat", "nose": "variant14", "eyebrows": "variant05", "clothes": "variant24"},
        ground="#fbe7b5",
        skin="#e3b38a",
        hair="#2a2226",
        cloth="#7fb7d6",
        hat="#d9473f",
        eyes="dot",
        smile=0.4,
    ),
}

"""A training set of twelve simple drawings, rendered as the real one is."""

import json
from pathlib import Path

import pytest
from training.ink.data import large
from training.ink.data.captions import Concept
from training.ink.data.dataset import Record, Source, write
from training.ink.data.outline import svg_document
from training.ink.train.palette import Names

from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.words.colour_words import COLOUR_WORDS
from livedraft.runtime.models.ink.words.text import TextTable

COLOURS = ("#d22", "#2a2", "#22d", "#ca2", "#a2c", "#2aa")


def drawing(colour: str, radius: int) -> str:
    """Return a disc with a square eye, 32 units wide."""
    return svg_document(
        f'<g fill="none"><circle cx="16" cy="16" r="{radius}" fill="{colour}"/>'
        '<rect x="13" y="10" width="4" height="4" fill="#222"/></g>',
        32,
        32,
    )


@pytest.fixture(scope="session")
def sources() -> list[Source]:
    """Return the drawings of the small set: twelve flat, and two shaded on the lines of those."""
    names = [f"{animal}{i}" for i, animal in enumerate(["cat", "dog", "fish"] * 4)]
    flat = [
        Source("fluent-flat", "flat", name, drawing(COLOURS[i % 6], 8 + i % 5), 32)
        for i, name in enumerate(names)
    ]
    borrowed = Source("fluent-shaded", "shaded", names[0], flat[0].picture, 32)
    misfit = Source("fluent-shaded", "shaded", names[1], drawing("#222", 15), 32)
    return [*flat, borrowed, misfit]


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, sources: list[Source]) -> Path:
    """Return a cache folder with the arrays of the small set."""
    folder = tmp_path_factory.mktemp("ink")
    concepts = {s.key: Concept("animals-nature", s.key[:-1], ["pet"]) for s in sources}
    write(folder, sources, concepts, workers=0)
    records = [Record(**record) for record in json.loads((folder / "records.json").read_text())]
    by_name = {(source.art, source.key): source for source in sources}
    large.write(folder, records, by_name, count=4, workers=0)
    return folder


@pytest.fixture(scope="session")
def names() -> Names:
    """Return the colour words alone, in place of the package of names."""
    return Names(COLOUR_WORDS, TextTable.load(WEIGHTS), seed=0)

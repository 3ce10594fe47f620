"""A picture or a film in this process, without a server: refused before anything is loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from livedraft.errors import InvalidImage, InvalidParams, WeightsError, did_you_mean
from livedraft.media import images
from livedraft.media.marking import USUAL, Marking
from livedraft.media.sources import read_file
from livedraft.protocol.messages import Note

from .engine.engine import Engine
from .filming import GeneratedFilm, made
from .models import MODELS, load_model
from .models.adapters import attach, read_adapter
from .models.base import AnyModel, Plan
from .models.params import from_text, merge
from .sessions.oneshot import Asked, one_shot
from .sessions.runner import Runner
from .transports.picture_pool import PicturePool
from .transports.turns import Flow
from .transports.waiting import first

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Order:
    """What to make with which model; all of it is known to be valid."""

    model: type[AnyModel]
    inputs: Mapping[str, bytes]
    params: Mapping[str, Any]
    loras: Mapping[str, Path]  # files to load, by the names that the params give them
    source: str = ""  # of the model's weights

    @property
    def films(self) -> bool:
        """Whether its model makes moving pictures and no single ones."""
        kinds = {spec.kind for spec in self.model.info.outputs}
        return "video" in kinds and "image" not in kinds


@dataclass(frozen=True, slots=True)
class GeneratedPicture:
    """A finished picture."""

    image: bytes
    width: int  # px
    height: int  # px
    seed: int | None  # of a model that has one
    notes: tuple[Note, ...]


def checked(
    model: str,
    sketch: Path | None,
    files: Mapping[str, Path],
    params: Mapping[str, Any],
    loras: Mapping[str, Any] | None = None,
) -> Order:
    """Check names, params and files; raise ModelNotFound, InvalidParams or InvalidImage.

    ``model`` is a name, with =SOURCE for weights that lie elsewhere. ``sketch`` goes to the model's
    first input, ``files`` to inputs by name. ``loras`` are weights by name, or by file for those
    that the model does not ship.
    """
    model, _, source = (part.strip() for part in model.partition("="))
    chosen = MODELS.load(model)
    params = from_text(chosen.params.model_json_schema(), params)
    own: dict[str, Path] = {}
    if loras:
        names = {lora.name for lora in chosen.info.loras}
        called = {text: _lora_name(text, names) for text in loras}
        _check_names(called, names)
        own = {name: Path(text) for text, name in called.items() if text not in names}
        params["loras"] = {called[text]: weight for text, weight in loras.items()}
    merge(chosen.params, None, params)
    specs = {spec.name: spec for spec in chosen.info.inputs}
    paths = dict(files)
    if sketch is not None and specs:
        paths.setdefault(next(iter(specs)), sketch)
    for name in paths:
        if name not in specs:
            raise InvalidImage(f"{model} has no input '{name}'", fix=did_you_mean(name, specs))
    for name, spec in specs.items():
        if spec.required and name not in paths:
            raise InvalidImage(
                f"{model} needs a {name}", fix=f"name a picture file: livedraft generate {name}.png"
            )
    return Order(chosen, {name: _read(path) for name, path in paths.items()}, params, own, source)


def make(
    order: Order,
    device: str,
    mime: str,
    on_loaded: Callable[[], None] = lambda: None,
    marking: Marking = USUAL,
) -> GeneratedPicture:
    """Load the model and make the picture; raise what the engine raises."""
    model = _loaded(order, device)

    async def work(runner: Runner, pictures: PicturePool) -> GeneratedPicture:
        asked = Asked(model.info.id, order.inputs, order.params, wants="picture")
        picture = await one_shot(runner, asked)
        image = picture.file
        if images.type_of(image) != mime:  # else it was signed elsewhere, and stays as it is
            image = await pictures.encode(picture.pixels, mime, picture.recipe, flow=Flow("", ""))
        height, width = picture.pixels.shape[:2]
        return GeneratedPicture(image, width, height, picture.seed, picture.notes)

    return asyncio.run(_made(model, work, on_loaded, marking))


def film(
    order: Order,
    device: str,
    path: Path,
    on_loaded: Callable[[], None] = lambda: None,
    marking: Marking = USUAL,
) -> GeneratedFilm:
    """Load the model and write the film, as its pieces come; raise what the engine raises.

    Raises MissingExtraError without PyAV, InvalidMedia for a file's name of another kind.
    """
    from livedraft.media.codecs.kinds import kind_of

    kind_of(path)
    model = _loaded(order, device)

    async def work(runner: Runner, _: PicturePool) -> GeneratedFilm:
        asked = Asked(model.info.id, order.inputs, order.params, wants="film")
        film = await made(runner, asked, lambda: path, marking)
        assert isinstance(film, GeneratedFilm), "a picture was refused"
        return film

    return asyncio.run(_made(model, work, on_loaded, marking))


def _loaded(order: Order, device: str) -> AnyModel:
    model = load_model(order.model, order.source, Plan(device))
    for name, file in order.loras.items():
        read = read_adapter(model, name, file)
        if read is None:
            raise WeightsError(
                f"{file.name} is no LoRA of {model.info.id}", fix="choose its model with --model"
            )
        attach(model, read)
    return model


async def _made(
    model: AnyModel,
    work: Callable[[Runner, PicturePool], Awaitable[T]],
    on_loaded: Callable[[], None],
    marking: Marking,
) -> T:
    """Return what work makes with a runner of one model.

    ``on_loaded`` is heard in here, where Ctrl+C ends this task: before, it may strike a loop that
    is half made, which complains.
    """
    on_loaded()
    pictures = PicturePool(1, images.MAX_OWN_PIXELS, marking)
    engine = Engine(models={model.info.id: model})
    runner = Runner([engine], pictures.decode)
    results: list[T] = []

    async def make_it() -> None:
        results.append(await work(runner, pictures))

    try:
        await first(make_it(), runner.run())  # a runner that ends before has met a fault of ours
    finally:
        engine.close()
        pictures.close()
    return results[0]


def _lora_name(text: str, shipped: Collection[str]) -> str:
    """Return a shipped name as it is, of a file what it is called; raise InvalidParams."""
    if text in shipped:
        return text
    path = Path(text)
    if path.suffix != ".safetensors" and not path.exists():
        fix = did_you_mean(text, shipped) if shipped else "name a .safetensors file"
        raise InvalidParams(f"no LoRA '{text[:100]}'", fix=fix)
    if not path.is_file():
        raise InvalidParams(f"cannot read {text[:200]}", fix="name a .safetensors file that exists")
    return path.stem.lower()


def _check_names(called: Mapping[str, str], shipped: Collection[str]) -> None:
    """Refuse two LoRAs of one name, since a recipe tells them by their names."""
    seen: dict[str, str] = {}
    for text, name in called.items():
        other = seen.setdefault(name, text)
        if other != text or (name in shipped and text != name):
            beside = f"{other[:80]} and {text[:80]}" if other != text else f"{text[:80]}'s and ours"
            raise InvalidParams(
                f"two LoRAs are called '{name[:40]}': {beside}", fix="rename one of the files"
            )


def _read(path: Path) -> bytes:
    data = read_file(path)
    images.probe(data, images.MAX_OWN_PIXELS)
    return data

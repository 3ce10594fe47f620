"""How a model is loaded: what a plan says, how it is read from text, what a model honours of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from livedraft.errors import ConfigError

T = TypeVar("T")

MOST_THREADS = 1024
_MOST_SIDE_PX = 16_384
_MOST_BATCH = 1024
_MOST_RANKS = 64
DTYPES = ("float32", "float16", "bfloat16")
MODES = ("auto", "eager", "compiled", "graph")  # auto: what is measured to be the fastest
AND = "+"  # between several values: settings of lists are parted by commas already


class Size(NamedTuple):
    """Width and height of what is made, px."""

    width: int
    height: int

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


class Parallel(NamedTuple):
    """How many ranks share one call of a model, in each way."""

    cfg: int = 1  # the outputs with and without conditioning
    ulysses: int = 1  # attention, by heads
    ring: int = 1  # attention, by keys that are passed around
    stages: int = 1  # the blocks of the network, one after another

    @property
    def ranks(self) -> int:
        """Processes, each on a device of its own."""
        return self.cfg * self.ulysses * self.ring * self.stages

    def __str__(self) -> str:
        return AND.join(f"{way}={count}" for way, count in self._asdict().items() if count > 1)


ALONE = Parallel()


class Part(NamedTuple):
    """How much of a model has been loaded."""

    phase: str  # fetching, loading
    done: int
    total: int
    unit: str = "bytes"  # or parts
    missing: tuple[str, ...] = ()  # what is still to come


Report = Callable[[Part], None]
Free = Callable[[int], int | None]


def _unheard(part: Part) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is loaded, and for which shapes it is made ready."""

    device: str = "cpu"  # cpu, cuda, cuda:1, mps
    threads: int = 0  # cores that one call may use on a CPU; 0: all
    quantise: str = ""  # of weights: "int8", …, or "none"; empty: as the model thinks best
    sizes: tuple[Size, ...] = ()  # that are warmed up, beside the native one
    batches: tuple[int, ...] = ()  # jobs of a call that are warmed up, beside one alone
    dtype: str = ""  # of weights and what is computed: one of DTYPES; empty: as the device likes
    mode: str = "auto"  # how networks are run: one of MODES
    parallel: Parallel = ALONE  # ranks that share its calls
    # What the server says beside. The folder where what is measured is kept; empty: it is not.
    cache: str = field(default="", compare=False)
    report: Report = field(default=_unheard, compare=False, repr=False)  # hears of loading
    # What is free on the device once others made room for so many bytes; None: nobody says.
    free: Free | None = field(default=None, compare=False, repr=False)


DEFAULT_PLAN = Plan()

# What a model honours of a plan: keys, and the values that each takes; none named: any. Sizes and
# batches are tried, as what a model has memory for is known to nobody before.
Honours = Mapping[str, Collection[str]]
_TRIED = ("sizes", "batches")


def changed(plan: Plan, key: str, text: str) -> Plan:
    """Return a plan with a key's value, read from text; raise ConfigError for an unfit one."""
    read, example = _READ[key]
    try:
        return replace(plan, **{key: read(text)})
    except ValueError:
        raise ConfigError(
            f"{key} = {text[:100]!r} makes no sense", fix=f"for example {key}={example}"
        ) from None


def check(name: str, honours: Honours, plan: Plan, named: Collection[str]) -> None:
    """Raise ConfigError where a model does not honour what was ``named`` of it by name."""
    for key in sorted(named):
        if key in _TRIED:
            continue
        if key not in honours:
            raise ConfigError(f"'{name}' heeds no {key}", fix=f"leave {name}.{key} out")
        values, value = honours[key], str(getattr(plan, key))
        kind = value.partition(":")[0] if key == "device" else value
        if values and kind not in values:
            raise ConfigError(
                f"'{name}' cannot be loaded with {key} = {value[:40]!r}",
                fix=f"{name}.{key} takes {', '.join(values)}",
            )


def described(honours: Honours) -> dict[str, str]:
    """Return what a model takes for each key of a plan, for people."""
    return {
        key: " | ".join(values) or f"such as {_READ[key][1]}" for key, values in honours.items()
    }


def _word(text: str) -> str:
    if not text or len(text) > 40 or any(mark.isspace() for mark in text):
        raise ValueError
    return text


def _among(words: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError
        return text

    return read


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isascii() or not text.isdecimal() or len(text) > 9:
            raise ValueError
        if not least <= int(text) <= most:
            raise ValueError
        return int(text)

    return read


def _size(text: str) -> Size:
    side = _whole(1, _MOST_SIDE_PX)
    width, cross, height = text.partition("x")
    return Size(side(width), side(height) if cross else side(width))


def parallel(text: str) -> Parallel:
    """Read ``cfg=2,ulysses=2``, parted by commas or as values of a list; raise ValueError."""
    found: dict[str, int] = {}
    for part in text.replace(AND, ",").split(","):
        way, _, count = (each.strip() for each in part.partition("="))
        if way not in Parallel._fields or way in found:
            raise ValueError
        found[way] = _whole(1, _MOST_RANKS)(count)
    return Parallel(**found)


def _several(one: Callable[[str], T]) -> Callable[[str], tuple[T, ...]]:
    def read(text: str) -> tuple[T, ...]:
        return tuple(dict.fromkeys(one(part.strip()) for part in text.split(AND)))

    return read


_READ: dict[str, tuple[Callable[[str], Any], str]] = {
    "device": (_word, "cuda:1"),
    "threads": (_whole(0, MOST_THREADS), "2"),
    "quantise": (_word, "int8"),
    "dtype": (_among(DTYPES), "bfloat16"),
    "mode": (_among(MODES), "eager"),
    "parallel": (parallel, f"cfg=2{AND}ulysses=2"),
    "sizes": (_several(_size), f"512{AND}1280x720"),
    "batches": (_several(_whole(1, _MOST_BATCH)), f"2{AND}4"),
}

KEYS: tuple[str, ...] = tuple(_READ)  # that an operator may say of a model

"""What a model is: what it takes and gives, how large, how it is loaded. Clients see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class ImageInput:
    """One picture that a model takes: the newest counts, and stays until a newer one comes."""

    name: str
    width: int  # px, what the model works at; clients send no more than they need
    height: int  # px
    alpha: bool = False  # transparency carries meaning, so clients send a lossless RGBA type
    required: bool = True
    description: str = ""
    most_px: int = 0  # a side up to which more is of use, to a larger final picture; 0: no more
    kind: Literal["image"] = field(default="image", init=False)

    @property
    def within(self) -> tuple[int, int]:
        """Width and height, in px, that no picture is kept larger than."""
        return max(self.width, self.most_px), max(self.height, self.most_px)


@dataclass(frozen=True, slots=True)
class VideoInput:
    """Moving pictures that a model takes."""

    name: str
    width: int = 0  # px, what the model works at; 0: any
    height: int = 0  # px
    rate: float = 0.0  # frames a second; 0: any
    policy: Literal["latest", "append"] = "latest"
    max_s: float = 0.0  # what may wait of an ``append`` input; beyond it the oldest goes
    required: bool = True
    description: str = ""
    kind: Literal["video"] = field(default="video", init=False)

    @property
    def within(self) -> tuple[int, int] | None:
        """Width and height, in px, that no frame is kept larger than."""
        return (self.width, self.height) if self.width else None


@dataclass(frozen=True, slots=True)
class Stability:
    """What the runtime does for a model of moving pictures: see ``runtime/engine/stability``.

    The frames of ``input`` come no larger than so many ``pixels``, at sides that are multiples of
    ``multiple`` px, and smaller where there is no time; those on which nothing moves do not come.
    What the model makes of each, a frame of the same size, is kept calm, and shown as large as it
    came. ``SteadyParams`` let users turn off the calm, and the pace.

    With 0 ``pixels`` frames come as large as they are. With a ``device`` it is decided there which
    of them are still, by the tile that changed most, as ``StreamParams`` say; else on a small
    picture. Where the model has a ``line`` of frames on their way, it hears of still ones, too, as
    requests that are ``unmoved``.
    """

    input: str
    pixels: int = 0
    multiple: int = 8
    device: str = ""
    line: bool = False


@dataclass(frozen=True, slots=True)
class AudioInput:
    """Sound that a model takes, in order; what waits for longer than ``max_s`` goes."""

    name: str
    rate: int = 0  # samples a second; 0: any
    channels: int = 0  # 0: any
    policy: Literal["latest", "append"] = "append"
    max_s: float = 2.0
    required: bool = True
    description: str = ""
    kind: Literal["audio"] = field(default="audio", init=False)


@dataclass(frozen=True, slots=True)
class TextInput:
    """Text that a model takes as it is written, in order; no more may wait than ``max_chars``.

    What would be more is refused, and what waits stays: no sentence loses its middle.
    """

    name: str
    max_chars: int = 100_000
    required: bool = True
    description: str = ""
    policy: Literal["append"] = field(default="append", init=False)
    kind: Literal["text"] = field(default="text", init=False)


InputSpec = ImageInput | VideoInput | AudioInput | TextInput


@dataclass(frozen=True, slots=True)
class ImageOutput:
    """Pictures, of the size that ``ModelInfo`` names or that a param does."""

    name: str = "picture"
    kind: Literal["image"] = field(default="image", init=False)


@dataclass(frozen=True, slots=True)
class VideoOutput:
    """Moving pictures."""

    name: str = "video"
    width: int = 0  # px; 0: that of what came
    height: int = 0  # px
    rate: float = 0.0  # frames a second; 0: that of what came
    kind: Literal["video"] = field(default="video", init=False)


@dataclass(frozen=True, slots=True)
class AudioOutput:
    """Sound."""

    name: str = "audio"
    rate: int = 0  # samples a second; 0: that of what came
    channels: int = 0  # 0: as many as came
    kind: Literal["audio"] = field(default="audio", init=False)


OutputSpec = ImageOutput | VideoOutput | AudioOutput
_CHANGING = ("image-editing", "inpainting", "try-on", "video-to-video")


@dataclass(frozen=True, slots=True)
class LoraInfo:
    """A LoRA that a model has at hand: clients name it in the param ``loras``."""

    name: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What a model is; sent to clients as it stands."""

    id: str
    task: str  # "sketch-to-image", …
    title: str
    licence: str
    commercial: Literal["yes", "capped", "no"]
    width: int  # px, native size of a picture
    height: int  # px
    alpha: bool  # pictures are RGBA
    inputs: tuple[InputSpec, ...]
    draft_steps: int
    max_steps: int
    outputs: tuple[OutputSpec, ...] = (ImageOutput(),)  # of each kind one at most
    preview_every: int = 0  # steps between previews of a refine; 0: none
    description: str = ""  # one sentence: what it makes, of what
    places: int = 1  # of a server's ``max_sessions`` that one session takes
    notes: tuple[str, ...] = ()  # how it was loaded, such as what a plan asked for in vain
    loras: tuple[LoraInfo, ...] = ()  # that ship with it, and of an instance those added to it
    endless: bool = False  # what moves or sounds of it goes on until it is stopped

    @property
    def films(self) -> bool:
        """Whether it makes films, or sound, with an end: nothing that lives on what comes in."""
        moves = any(spec.kind != "image" for spec in self.outputs)
        return moves and not self.endless and all(spec.kind == "image" for spec in self.inputs)

    @property
    def changes(self) -> bool:
        """Whether what a user brings stays in what it makes, changed: files tell, see ``marks``."""
        return self.task in _CHANGING

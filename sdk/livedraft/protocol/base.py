"""What all messages are: frozen, of the wire's field names, with ids that JavaScript can count."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, FailFast, Field

from .words import MOST_PICTURES

MAX_ID = 2**53 - 1  # exact in a JavaScript number
Id = Annotated[int, Field(ge=0, le=MAX_ID)]
Params = dict[str, Any]
Names = Annotated[list[str], Field(max_length=MOST_PICTURES), FailFast()]


class Message(BaseModel):
    """Base of all messages: immutable, strict types, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    # Keys that came after the first clients of this version, who refuse what they do not know, and
    # those that not every model has: they go on the wire only where they say something.
    later: ClassVar[frozenset[str]] = frozenset()

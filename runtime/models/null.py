"""What null models share: there are no weights, so they load at once and are as small as can be."""

from __future__ import annotations

from typing import ClassVar, Self

from .base import DEFAULT_PLAN, Honours, J, Model, P, Plan, S


class Null(Model[P, S, J]):
    """A model without weights, for tests and benchmarks."""

    honours: ClassVar[Honours] = {"device": ("cpu",)}

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Return the model; there is nothing to load."""
        return cls()

    @classmethod
    def tiny(cls) -> Self:
        """Return the model; it is as small as can be."""
        return cls()

"""A table of names that are imported when first asked for, open to third parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from typing import Generic, TypeVar, cast

from livedraft.errors import LivedraftError, did_you_mean

T = TypeVar("T")


class Registry(Generic[T]):
    """Names to ``"module:attribute"``, the table's own and those of an entry point group.

    A name ``SCHEME:REST`` is found by the function that ``schemes`` names, which is given the rest.
    """

    def __init__(
        self,
        group: str,
        table: Mapping[str, str],
        missing: Callable[..., LivedraftError],
        schemes: Mapping[str, str] | None = None,
    ) -> None:
        self._group = group
        self._table = dict(table)
        self._missing = missing
        self._schemes = dict(schemes or {})

    def targets(self) -> dict[str, str]:
        """Return every name and where it leads; importing none of them."""
        theirs = {point.name: point.value for point in entry_points(group=self._group)}
        return theirs | self._table

    def ours(self, name: str) -> bool:
        """Whether the table itself names it, not another package."""
        return name in self._table

    def check(self, name: str) -> None:
        """Raise for a name that is none; nothing is imported."""
        scheme, colon, _ = name.partition(":")
        if not (colon and scheme in self._schemes) and name not in (known := self.targets()):
            raise self._missing(f"no '{name[:100]}' here", fix=did_you_mean(name, known))

    def load(self, name: str) -> T:
        """Import and return what a name stands for.

        An unknown name raises, naming the closest; so does what another package adds and cannot be
        imported. What the table names is ours, and fails as imports do.
        """
        scheme, colon, rest = name.partition(":")
        if colon and scheme in self._schemes:
            module, _, attribute = self._schemes[scheme].partition(":")
            return cast(Callable[[str], T], getattr(import_module(module), attribute))(rest)
        self.check(name)
        targets = self.targets()
        module, _, attribute = targets[name].partition(":")
        if name in self._table:
            return cast(T, getattr(import_module(module), attribute))
        try:
            return cast(T, getattr(import_module(module), attribute))
        except Exception as error:  # a stranger's module may raise anything
            raise self._missing(
                f"'{name}' cannot be imported from {targets[name]}: {error!r}"[:400],
                fix="correct the package that adds it, or uninstall it",
            ) from error

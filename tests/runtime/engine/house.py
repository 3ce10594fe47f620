"""A lane's calls on a pretended device, with models that share it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.devices import Weighty

from livedraft.errors import LivedraftError
from livedraft.protocol.messages import Stage
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.memory import Memory
from livedraft.runtime.engine.turn import Cell, Emit, Prepare, Step
from livedraft.runtime.models.base import Request
from livedraft.runtime.models.echo import EchoParams
from livedraft.runtime.plan import Part

DEVICE = "cuda:7"


class A(Weighty):
    info = replace(Weighty.info, id="a")


class B(Weighty):
    info = replace(Weighty.info, id="b")


class C(Weighty):
    info = replace(Weighty.info, id="c")


class House:
    """A lane's calls, with the models that it loaded."""

    def __init__(self, *kinds: type[Weighty], limit: int | None = 900) -> None:
        self.told: list[tuple[str, Part | None]] = []
        self.memory = Memory(lambda device: limit, lambda *told: self.told.append(told))
        self.models: dict[str, Any] = {}
        for kind in kinds:
            self.memory.room_for(DEVICE, kind.nbytes)
            model = self.models[kind.info.id] = kind()
            self.memory.add(kind.info.id, model, DEVICE)
        self.calls = Calls(self.models, memory=self.memory)

    @property
    def there(self) -> list[str]:
        return [name for name in self.models if name not in self.memory.away]

    def prepared(self, name: str, cell: Cell | None = None, **params: Any) -> Any:
        asked = Request(EchoParams(**params), {}, Stage.DRAFT, 1)
        (made,) = self.calls.make(Prepare(name, [(cell or Cell(), asked)]))
        return made

    def drawn(self, name: str, cell: Cell | None = None) -> LivedraftError | None:
        """Draw a picture; return what went wrong."""
        made = self.prepared(name, cell)
        for call in (Step, Emit):
            if not isinstance(made, Progress):
                break
            (made,) = self.calls.make(call(name, [made]))
        return made if isinstance(made, LivedraftError) else None


def visit(house: House, name: str) -> None:
    """Have a session come, draw and go."""
    cell = Cell()
    assert house.drawn(name, cell) is None
    house.calls.close(name, cell)

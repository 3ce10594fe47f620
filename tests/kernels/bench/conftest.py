"""One fork server for all, a definition of the tests' own, and files to judge by it."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from livedraft.kernels.bench import (
    Definition,
    ForkServer,
    Options,
    Verdict,
    checked,
    from_file,
    judge,
    read,
)

HERE = Path(__file__).parent
Judge = Callable[..., Verdict]


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    with ForkServer() as serving:
        yield serving


@pytest.fixture(scope="session")
def layer_norm() -> Definition:
    return checked(from_file(HERE / "layer_norm.py"))


@pytest.fixture
def judged(server: ForkServer, layer_norm: Definition) -> Judge:
    """Return what judges a file of these folders as a layer norm, compiled for one GPU."""

    def run(file: str | Path, allow: Iterable[str] = (), **options: Any) -> Verdict:
        chosen = Options(allow=frozenset(allow), device="cpu", targets=(90,), **options)
        return judge(read(f"{HERE / file}:layer_norm", ()), layer_norm, chosen, server)

    return run

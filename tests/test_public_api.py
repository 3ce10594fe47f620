"""The names that users may rely on, and what importing them costs."""

import subprocess
import sys

import pytest

import livedraft
from livedraft import errors

HEAVY = ("torch", "gradio", "pydantic", "numpy", "PIL", "httpx", "websockets")


def test_all_is_sorted() -> None:
    assert livedraft.__all__ == sorted(livedraft.__all__)
    assert dir(livedraft) == livedraft.__all__


@pytest.mark.parametrize("name", livedraft.__all__)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(livedraft, name)
    assert isinstance(value, str) or value.__doc__


def test_every_error_is_public() -> None:
    roots = {"TransportError", "ProtocolError", "SessionError", "BadInput", "EngineError"}
    public = {cls.__name__ for cls in errors.CODES.values()}
    assert roots < public
    assert public < set(livedraft.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clinet'"):
        getattr(livedraft, "Clinet")  # noqa: B009  # a checker sees the other spelling


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = f"import sys, livedraft; print([m for m in {HEAVY} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_the_client_needs_no_runtime() -> None:
    code = (
        "import sys, livedraft; livedraft.Client; livedraft.AsyncClient;"
        "print([m for m in ('torch', 'gradio', 'numpy', 'livedraft.runtime') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"


def test_importing_is_quick() -> None:
    code = "import time; t = time.process_time(); import livedraft; print(time.process_time() - t)"
    run = [sys.executable, "-c", code]
    took = [float(subprocess.check_output(run, text=True)) for _ in range(3)]
    assert min(took) <= 0.2, "seconds of the processor"

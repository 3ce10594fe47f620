"""The environment that converts: TensorFlow's packages, which nothing else here needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = ("tf2onnx==1.17.0", "tensorflow-cpu==2.21.0", "ai-edge-litert==2.3.0", "onnx==1.23.2")
_SCRIPT = Path(__file__).parent / "converting.py"


def made(folder: Path) -> Path:
    """Return the Python of an environment that can convert, made in a folder where there is none.

    It takes about 2 GB, and may be deleted when all is converted.
    """
    python, done = folder / "bin" / "python", folder / "complete"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *PACKAGES], check=True, env=_own())
        done.touch()
    return python


def convert(python: Path, source: Path, target: Path, given: Path, outputs: Path) -> None:
    """Convert a network with an environment's Python; see `converting.py`."""
    command = [str(python), str(_SCRIPT), *map(str, (source, target, given, outputs))]
    # The converter walks through sets: a fixed seed has it write the same file each time.
    fixed = _own() | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, env=fixed)
    if done.returncode:
        raise RuntimeError(f"{source.name} could not be converted:\n{done.stderr[-4000:]}")


def _own() -> dict[str, str]:
    """Return the environment's variables, without what leads Python to packages of another."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

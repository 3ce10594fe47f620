"""The networks of perception, as ONNX: see the NOTICE for where they come from."""

from pathlib import Path

WEIGHTS = Path(__file__).parent

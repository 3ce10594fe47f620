"""The networks of try-on, as ONNX, trained by `training.tryon`."""

from pathlib import Path

WEIGHTS = Path(__file__).parent

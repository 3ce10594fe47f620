"""The net that restyles, as ONNX: see the NOTICE for what it learned from."""

from pathlib import Path

WEIGHTS = Path(__file__).parent

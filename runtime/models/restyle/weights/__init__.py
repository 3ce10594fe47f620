"""The net that restyles, as ONNX, and what styles of one's own learn by: see the NOTICE."""

from pathlib import Path

WEIGHTS = Path(__file__).parent
FILE = "restyle.onnx"

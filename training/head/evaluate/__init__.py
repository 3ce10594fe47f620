"""How well a head's mouth goes with recorded speech, by what is seen of its frames."""

from pathlib import Path

REPORT = Path(__file__).parent / "lips.json"  # what was found of the weights that ship

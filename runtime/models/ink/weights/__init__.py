"""What `ink` knows, as files: graphs and weights, the word table, line drawings, and LoRAs."""

from pathlib import Path

WEIGHTS = Path(__file__).parent

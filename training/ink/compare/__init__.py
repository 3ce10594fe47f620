"""Ways to paint that were trained in small, side by side, and what came of each."""

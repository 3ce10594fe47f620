"""From what the networks paint to the picture: planes, clean fills, light, texture. No weights."""

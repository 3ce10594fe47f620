"""A user's drawing as the networks read it: ink, regions, stray strokes, parts of things."""

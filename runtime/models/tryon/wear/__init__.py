"""Garments on a person: warped, lit, behind what is before them; and what they leave bare."""

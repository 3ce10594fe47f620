"""Garments that livedraft brings along: own pictures, drawn by `training/tryon/garments`."""

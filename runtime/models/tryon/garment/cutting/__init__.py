"""The garment out of its picture: by its alpha, or by what the ground is like."""

from .cutout import Cutout, cut_out

__all__ = ["Cutout", "cut_out"]

"""Diffusion models of the field at step level: a family a file, served as any other model."""

"""Avatars: drawn faces that ship, or that a folder holds."""

from .face import AvatarFace as AvatarFace
from .gallery import avatars as avatars
from .gallery import load as load
from .gallery import pictures as pictures
from .gallery import thumbnail as thumbnail

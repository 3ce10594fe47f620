"""The mark with which pictures and films leave: a trained model made them, or changed them.

IPTC's ``DigitalSourceType`` in an XMP packet, where editors, archives and networks look for it
(IPTC Photo Metadata 2023.1, 4.2; XMP, ISO 16684-1).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

KEY = "digital_source_type"  # of what is told of a picture, and of a recipe
MADE = "trainedAlgorithmicMedia"
CHANGED = "compositeWithTrainedAlgorithmicMedia"  # what a user brought, with something by a model
NONE = "none"  # not to be marked
SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPE = SOURCES + MADE
PNG_KEYWORD = "XML:com.adobe.xmp"  # of the iTXt chunk, see XMP part 3, 1.1.5

_XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    'Iptc4xmpExt:DigitalSourceType="%s"/>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
)

# Of a film. Matroska knows no XMP: there it is a tag of its own.
TAG = "DIGITAL_SOURCE_TYPE"
_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP part 3, 1.2.7


def source_type(recipe: Mapping[str, Any] | None) -> str:
    """Return the mark of a file with this recipe, one of IPTC's words; empty: it has none.

    What has a recipe was made by a model, and is ``MADE`` unless it says otherwise.
    """
    if recipe is None or recipe.get(KEY) == NONE:
        return ""
    return CHANGED if recipe.get(KEY) == CHANGED else MADE


def xmp(recipe: Mapping[str, Any] | None) -> bytes:
    """Return the XMP packet that marks a file with this recipe; nothing where it has no mark."""
    word = source_type(recipe)
    return (_XMP % (SOURCES + word)).encode() if word else b""


def is_signed(data: bytes) -> bool:
    """Tell a file with a C2PA manifest: a JUMBF box that says so (C2PA 2.1, 11.1)."""
    return b"jumb" in data and b"c2pa" in data


def mp4_box(packet: bytes) -> bytes:
    """Return the box of an MP4 for XMP: it stands at the end of the file, and moves nothing."""
    return struct.pack(">I4s", 8 + len(_UUID) + len(packet), b"uuid") + _UUID + packet

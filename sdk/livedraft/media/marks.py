"""The mark with which pictures and films leave: a trained model made them.

IPTC's ``DigitalSourceType`` in an XMP packet, where editors, archives and networks look for it
(IPTC Photo Metadata 2023.1, 4.2; XMP, ISO 16684-1).
"""

from __future__ import annotations

import struct

SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
PNG_KEYWORD = "XML:com.adobe.xmp"  # of the iTXt chunk, see XMP part 3, 1.1.5

XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" '
    f'Iptc4xmpExt:DigitalSourceType="{SOURCE_TYPE}"/>'
    "</rdf:RDF></x:xmpmeta>"
    '<?xpacket end="w"?>'
).encode()

# Of a film. Matroska knows no XMP: there it is a tag of its own.
TAG = "DIGITAL_SOURCE_TYPE"
_UUID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")  # XMP part 3, 1.2.7


def is_signed(data: bytes) -> bool:
    """Tell a file with a C2PA manifest: a JUMBF box that says so (C2PA 2.1, 11.1)."""
    return b"jumb" in data and b"c2pa" in data


def mp4_box() -> bytes:
    """Return the box that marks an MP4: it stands at the end of the file, and moves nothing."""
    return struct.pack(">I4s", 8 + len(_UUID) + len(XMP), b"uuid") + _UUID + XMP

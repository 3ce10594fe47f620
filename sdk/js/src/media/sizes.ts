/** How large a picture is, by the first bytes of its file: known before anything is decoded. */

export interface Size {
  width: number; // px
  height: number; // px
}

/** JPEG's markers of a frame's start: all of 0xC0..0xCF that are no tables (ITU T.81, B.1.1.3). */
const TABLES = [0xc4, 0xc8, 0xcc];

/** Return the size of a PNG, JPEG or WebP as it is stored, before any turning; null where it cannot be told. */
export function sizeOf(file: Uint8Array): Size | null {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  try {
    if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (view.getUint16(0) === 0xffd8) return ofJpeg(view);
    return ofWebp(view);
  } catch {
    return null; // cut off
  }
}

function ofJpeg(view: DataView): Size | null {
  let at = 2;
  while (view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1);
    if (marker === 0xff)
      at += 1; // a fill byte
    else if (marker >= 0xc0 && marker <= 0xcf && !TABLES.includes(marker)) {
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    } else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** Lossy, lossless and extended, see Google's container specification. */
function ofWebp(view: DataView): Size | null {
  const kind = String.fromCharCode(...[12, 13, 14, 15].map((at) => view.getUint8(at)));
  const triple = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (kind === "VP8X") return { width: triple(24) + 1, height: triple(27) + 1 };
  if (kind === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (kind !== "VP8L") return null;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

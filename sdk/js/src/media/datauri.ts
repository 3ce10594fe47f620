/** Pictures as `data:` addresses, read by hand: a page's policy may forbid to fetch them. */

/** Return the bytes of a base64 address of a picture; null for any other. */
export function bytesOf(address: string): Uint8Array<ArrayBuffer> | null {
  const [, body] = /^data:image\/[\w.+-]+;base64,(.*)$/s.exec(address) ?? [];
  if (body === undefined) return null;
  try {
    return Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
  } catch {
    return null; // cut off
  }
}

export function dataUri(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error("unreadable"));
    reader.readAsDataURL(blob);
  });
}

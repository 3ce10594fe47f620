/** Encodes bitmaps in a worker: scaled to a model's size, PNG where alpha matters, else JPEG. */

interface Order {
  id: number;
  bitmap: ImageBitmap;
  width: number; // px
  height: number; // px
  alpha: boolean;
}

const QUALITY = 0.8;
const scope = self as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(message: unknown, transfer?: Transferable[]): void;
};
let canvas: OffscreenCanvas | undefined;

scope.onmessage = ({ data }) => {
  encode(data).then(
    (bytes) => scope.postMessage({ id: data.id, bytes }, [bytes]),
    (error: unknown) => scope.postMessage({ id: data.id, error: String(error) }),
  );
};

async function encode({ bitmap, width, height, alpha }: Order): Promise<ArrayBuffer> {
  canvas ??= new OffscreenCanvas(width, height);
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  // Only read back, never shown: keep the pixels where the encoder needs them.
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2d context in the worker");
  context.clearRect(0, 0, width, height);
  if (!alpha) {
    context.fillStyle = "#fff";
    context.fillRect(0, 0, width, height);
  }
  context.imageSmoothingQuality = "medium";
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const type = alpha ? "image/png" : "image/jpeg";
  return (await canvas.convertToBlob({ type, quality: QUALITY })).arrayBuffer();
}

import { useLivedraft } from "livedraft/react";
import { type PointerEvent, useRef, useState } from "react";
import { SERVER } from "./server";

const SIDE = 512;

/** A session without an element: the page draws, shows and asks by itself. */
export function Hook({ keep }: { keep(image: Blob, prompt: string): void }) {
  const [prompt, setPrompt] = useState("a red fox");
  const paper = useRef<HTMLCanvasElement>(null);
  const { session, state, error, canvas } = useLivedraft({ url: SERVER, params: { prompt } });

  const send = (at?: number) => session?.send({ sketch: paper.current }, at);
  const draw = (event: PointerEvent<HTMLCanvasElement>) => {
    const pen = event.currentTarget.getContext("2d");
    if (event.buttons === 0 || !pen) return;
    const scale = SIDE / event.currentTarget.clientWidth;
    const { offsetX: x, offsetY: y, movementX, movementY } = event.nativeEvent;
    Object.assign(pen, { lineCap: "round", lineWidth: 7, strokeStyle: "#1a1a1a" });
    pen.beginPath();
    pen.moveTo((x - movementX) * scale, (y - movementY) * scale);
    pen.lineTo(x * scale, y * scale);
    pen.stroke();
    send(event.timeStamp); // the newest drawing wins: no need to wait or to count
  };
  const clear = () => {
    paper.current?.getContext("2d")?.clearRect(0, 0, SIDE, SIDE);
    send();
  };
  const refine = async () => {
    const frame = await session?.refine().catch(() => null); // who draws on meanwhile gives it up
    if (frame) keep(new Blob([frame.image], { type: frame.mime }), prompt);
  };

  return (
    <section className="hook">
      <form action={refine}>
        <input aria-label="Prompt" value={prompt} onChange={(event) => setPrompt(event.target.value)} />
        <button type="button" onClick={clear}>
          Clear
        </button>
        <button type="submit" className="primary" disabled={!session}>
          Refine
        </button>
      </form>
      <div className="pair">
        <canvas
          ref={paper}
          width={SIDE}
          height={SIDE}
          aria-label="Paper"
          onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
          onPointerMove={draw}
        />
        <canvas ref={canvas} width={SIDE} height={SIDE} role="img" aria-label={`Picture of ${prompt}`} />
      </div>
      <p role="status">{error ? error.message : state}</p>
    </section>
  );
}

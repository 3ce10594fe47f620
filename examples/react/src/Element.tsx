import { LivedraftSketch } from "livedraft/react";
import { SERVER } from "./server";

/** All of it in one component: paper, palette, prompt, picture. */
export function Element({ keep }: { keep(image: Blob, prompt: string): void }) {
  return (
    <LivedraftSketch
      url={SERVER}
      prompt="a red fox"
      onSubmit={({ detail }) => detail.image && keep(detail.image, String(detail.params["prompt"]))}
    />
  );
}

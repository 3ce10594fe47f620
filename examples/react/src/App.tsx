import { useState } from "react";
import { Element } from "./Element";
import { Hook } from "./Hook";
import { type Picture, Shelf } from "./Shelf";

const ROOMS = { element: "The element", hook: "A pen of your own" } as const;

export function App() {
  const [room, setRoom] = useState<keyof typeof ROOMS>("element");
  const [pictures, setPictures] = useState<Picture[]>([]);
  const keep = (image: Blob, prompt: string) =>
    setPictures((before) => [{ src: URL.createObjectURL(image), prompt }, ...before]);

  return (
    <>
      <header>
        <h1>Sketchbook</h1>
        <nav aria-label="Ways to draw">
          {(Object.keys(ROOMS) as (keyof typeof ROOMS)[]).map((name) => (
            <button key={name} type="button" aria-current={name === room} onClick={() => setRoom(name)}>
              {ROOMS[name]}
            </button>
          ))}
        </nav>
      </header>
      <main>
        {room === "element" ? <Element keep={keep} /> : <Hook keep={keep} />}
        <Shelf pictures={pictures} />
      </main>
    </>
  );
}

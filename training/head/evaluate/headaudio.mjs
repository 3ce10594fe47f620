// Prints what headaudio hears, as JSON: [[second of its middle, seconds that it lasts, class], ...].
// node headaudio.mjs FOLDER_OF_THE_PACKAGE < samples (float32, 16 kHz)
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const folder = process.argv[2];
const load = (name) => import(pathToFileURL(`${folder}/modules/${name}`).href);
const { Processor } = await load("processor.mjs");
const { Training } = await load("training.mjs");

globalThis.fetch = async (path) => new Response(readFileSync(path)); // it reads its model from a page
const { model } = await new Training().loadModel(`${folder}/dist/model-en-mixed.bin`);

const heard = [];
const port = {
  onmessage: null,
  postMessage: (message) => {
    if (message.event === "viseme") heard.push([message.t, message.d, message.viseme]);
  },
};
const processor = new Processor({ sampleRate: 16000 }, { port });
processor._onmessage({ data: { event: "model", model } });
const bytes = readFileSync(0);
const samples = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
for (let start = 0; start < samples.length; start += 128) {
  processor.process(samples.subarray(start, start + 128)); // as an AudioWorklet is called
}
console.log(JSON.stringify(heard));

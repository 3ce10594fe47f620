"use client";
// src/react/sketch.ts
import { LivedraftSketch as Sketch } from "../livedraft.mjs";
import { component } from "./element.mjs";
var LivedraftSketch = component("livedraft-sketch", Sketch);
export {
  LivedraftSketch
};

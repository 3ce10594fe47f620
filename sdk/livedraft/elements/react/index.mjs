"use client";
// src/react/index.ts
import { LivedraftCamera } from "./camera.mjs";
import { LivedraftHead } from "./head.mjs";
import { useLivedraft } from "./session.mjs";
import { LivedraftSketch } from "./sketch.mjs";
import { LivedraftTryon } from "./tryon.mjs";
export {
  LivedraftCamera,
  LivedraftHead,
  LivedraftSketch,
  LivedraftTryon,
  useLivedraft
};

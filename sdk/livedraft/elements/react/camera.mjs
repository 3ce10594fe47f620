"use client";
// src/react/camera.ts
import { LivedraftCamera as Camera } from "../livedraft-camera.mjs";
import { component } from "./element.mjs";
var LivedraftCamera = component("livedraft-camera", Camera);
export {
  LivedraftCamera
};

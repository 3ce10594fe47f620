"use client";
// src/react/tryon.ts
import { LivedraftTryon as Tryon } from "../livedraft-tryon.mjs";
import { component } from "./element.mjs";
var LivedraftTryon = component("livedraft-tryon", Tryon);
export {
  LivedraftTryon
};

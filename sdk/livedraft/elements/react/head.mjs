"use client";
// src/react/head.ts
import { LivedraftHead as Head } from "../livedraft-head.mjs";
import { component } from "./element.mjs";
var LivedraftHead = component("livedraft-head", Head);
export {
  LivedraftHead
};

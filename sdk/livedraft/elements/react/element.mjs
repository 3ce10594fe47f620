"use client";
// src/react/element.ts
import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";

// src/ui/attributes.ts
var NUMBERS = ["seed", "strength", "steps", "size"];
var PARAM_ATTRIBUTES = ["prompt", "picture-style", "palette", "loras", ...NUMBERS];
var PARAMS = Object.fromEntries(
  PARAM_ATTRIBUTES.map((name) => [name, name === "picture-style" ? "style" : name])
);
function property(attribute) {
  return attribute.replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
}
function written(value) {
  if (value === null || value === void 0 || value === false) return null;
  if (value === true) return "";
  if (Array.isArray(value)) return value.join(" ");
  if (typeof value !== "object") return String(value);
  return Object.entries(value).map(([key, weight]) => `${key}:${String(weight)}`).join(" ");
}

// src/react/element.ts
var useCommit = typeof document === "undefined" ? useEffect : useLayoutEffect;
function component(tag, made) {
  const attributes = new Map(made.observedAttributes.map((name) => [property(name), name]));
  const events = new Map(made.events.map((name) => [property(`on-${name}`), name]));
  const given = forwardRef((props, ref) => {
    const element = useRef(null);
    const heard = useRef(/* @__PURE__ */ new Map());
    const set = useRef(/* @__PURE__ */ new Map());
    const tagged = { ref: element };
    const listeners = /* @__PURE__ */ new Map();
    const properties = /* @__PURE__ */ new Map();
    for (const [prop, value] of Object.entries(props)) {
      const [attribute, event] = [attributes.get(prop), events.get(prop)];
      if (event) listeners.set(event, value);
      else if (attribute) tagged[attribute] = text(attribute, value);
      else if (settable(made.prototype, prop)) properties.set(prop, value);
      else tagged[prop === "className" ? "class" : prop] = value;
    }
    useImperativeHandle(ref, () => element.current, []);
    useCommit(() => {
      heard.current = listeners;
      for (const [name, value] of properties) {
        if (element.current && !alike(set.current.get(name), value)) Reflect.set(element.current, name, value);
      }
      set.current = properties;
    });
    useCommit(() => {
      const { current } = element;
      const tell = (event) => heard.current.get(event.type)?.(event);
      for (const name of made.events) current?.addEventListener(name, tell);
      return () => {
        for (const name of made.events) current?.removeEventListener(name, tell);
      };
    }, []);
    return createElement(tag, tagged);
  });
  given.displayName = property(`-${tag}`);
  return given;
}
function text(attribute, value) {
  const asJson = typeof value === "object" && value !== null && attribute !== "palette" && attribute !== "loras";
  return (asJson ? JSON.stringify(value) : written(value)) ?? void 0;
}
function settable(prototype, name) {
  return Boolean(Object.getOwnPropertyDescriptor(prototype, name)?.set);
}
function alike(a, b) {
  if (Object.is(a, b)) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}
export {
  component
};

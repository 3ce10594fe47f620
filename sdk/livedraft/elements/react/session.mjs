"use client";
// src/react/session.ts
import { useCallback, useEffect, useRef, useState } from "react";
import { connect } from "../livedraft.mjs";
function useLivedraft(options = {}) {
  const { onFrame, params = {}, token, ...others } = options;
  const [session, setSession] = useState(null);
  const [state, setState] = useState("idle");
  const [error, setError] = useState(null);
  const newest = useRef({ onFrame, params, token });
  const shown = useRef(null);
  const kept = typeof token === "function" ? "" : token ?? "";
  const place = JSON.stringify([others, kept]);
  const wanted = JSON.stringify(params);
  useEffect(() => {
    newest.current = { onFrame, params, token };
  });
  useEffect(() => {
    let made = null;
    let left = false;
    queueMicrotask(() => {
      if (left) return;
      const [where] = JSON.parse(place);
      const { params: params2 } = newest.current;
      const token2 = () => {
        const { token: token3 = "" } = newest.current;
        return typeof token3 === "function" ? token3() : token3;
      };
      made = connect({ ...where, params: params2, token: token2 });
      made.on("state", setState);
      made.on("error", setError);
      made.on("opened", () => setError(null));
      made.on("frame", (frame) => {
        if (shown.current) paint(shown.current, frame.bitmap);
        newest.current.onFrame?.(frame);
      });
      setState(made.state);
      setSession(made);
    });
    return () => {
      left = true;
      made?.close();
      setSession(null);
      setState("idle");
    };
  }, [place]);
  useEffect(() => {
    session?.set(JSON.parse(wanted));
  }, [session, wanted]);
  const canvas = useCallback((element) => {
    shown.current = element;
  }, []);
  return { session, state, error, canvas };
}
function paint(canvas, picture) {
  const { width, height } = picture;
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context?.clearRect(0, 0, width, height);
  context?.drawImage(picture, 0, 0);
}
export {
  useLivedraft
};

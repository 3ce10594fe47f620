/** A page in React, that tests steer from outside: what it shows is `window.show(props)`. */

import { createElement, StrictMode, useEffect, useRef, useState } from "react";
import { createRoot, hydrateRoot } from "react-dom/client";
import { LivedraftCamera, LivedraftHead, LivedraftSketch, LivedraftTryon, useLivedraft } from "livedraft/react";

const OTHERS = { camera: LivedraftCamera, head: LivedraftHead, tryon: LivedraftTryon };

function Sketch({ heard, ...props }) {
  const element = useRef(null);
  useEffect(() => {
    window.element = element.current;
    return () => {
      window.element = null;
    };
  }, []);
  const tell = (name) => (event) => window.heard.push([heard, name, event.detail]);
  return (
    <LivedraftSketch ref={element} {...props} onReady={tell("ready")} onChange={tell("change")} onClear={tell("clear")} />
  );
}

function Hook(props) {
  const { session, state, error, canvas } = useLivedraft({ ...props, onFrame: ({ id }) => window.heard.push(id) });
  useEffect(() => {
    window.session = session;
  }, [session]);
  return (
    <figure>
      <canvas ref={canvas} id="picture" />
      <figcaption>{error ? error.code : state}</figcaption>
    </figure>
  );
}

export function App({ what = "sketch", ...first }) {
  const [props, setProps] = useState(first);
  const [there, setThere] = useState(true);
  if (typeof window !== "undefined") Object.assign(window, { show: setProps, mount: setThere });
  if (!there) return null;
  if (what === "hook") return <Hook {...props} />;
  return what === "sketch" ? <Sketch {...props} /> : createElement(OTHERS[what], props);
}

export function start(props) {
  window.heard = [];
  const app = (
    <StrictMode>
      <App {...props} />
    </StrictMode>
  );
  const root = document.getElementById("root");
  if (root.hasChildNodes()) hydrateRoot(root, app);
  else createRoot(root).render(app);
}

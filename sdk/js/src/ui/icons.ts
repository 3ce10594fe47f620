/** The icons: 24 px line drawings, in the colour of the text around them. */

const paths = {
  pen: "M4 20l1-4L16.5 4.5a2.1 2.1 0 0 1 3 3L8 19zM14.5 6.5l3 3",
  eraser:
    "M8.5 20L3.9 15.4a1.4 1.4 0 0 1 0-2L13.4 3.9a1.4 1.4 0 0 1 2 0l4.7 4.7a1.4 1.4 0 0 1 0 2L10.7 20zM8.7 8.6l6.7 6.7M8.5 20H20",
  undo: "M9 14L4 9l5-5M4 9h10a6 6 0 0 1 0 12h-3",
  redo: "M15 14l5-5-5-5M20 9H10a6 6 0 0 0 0 12h3",
  clear: "M4 7h16M9 7V4.5h6V7M6.5 7l.8 12.5h9.4L17.5 7M10.5 11v5M13.5 11v5",
  open: "M4 19V6a1 1 0 0 1 1-1h14a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1zM4 16l4.5-4.5 4 4L15 13l5 5M15.5 9.5h.01",
  dice: "M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zM8.5 8.5h.01M15.5 8.5h.01M12 12h.01M8.5 15.5h.01M15.5 15.5h.01",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  unlock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 6.7-1.4",
  refine: "M12 3l1.9 5.6L19.5 10.5l-5.6 1.9L12 18l-1.9-5.6L4.5 10.5l5.6-1.9zM19 16v4M17 18h4",
  keep: "M7 4h10v16l-5-4-5 4z",
  download: "M12 4v11M7.5 11L12 15.5 16.5 11M5 20h14",
  more: "M4 7h9M17 7h3M13 7a2 2 0 1 0 4 0 2 2 0 0 0-4 0M4 17h3M11 17h9M7 17a2 2 0 1 0 4 0 2 2 0 0 0-4 0",
  beside: "M4 5h7v14H4zM13 5h7v14h-7z",
  over: "M4 4h11v11H4zM9 15v5h11V9h-5",
  close: "M6 6l12 12M18 6L6 18",
  plus: "M12 5v14M5 12h14",
  left: "M14.5 5.5L8 12l6.5 6.5",
  right: "M9.5 5.5L16 12l-6.5 6.5",
  done: "M5 12.5l4.5 4.5L19 7.5",
  drop: "M13.5 6.5l4 4M12 8l-7.2 7.2L4 20l4.8-.8L16 12M11 7l6 6M14.6 7.4l2.6-2.6a1.6 1.6 0 0 1 2.3 2.3l-2.6 2.6",
  surprise:
    "M5 9.5h14V20H5zM3.5 6.5h17v3h-17zM12 6.5V20M12 6.5C8 6.5 7 3 9.3 3 11 3 12 6.5 12 6.5zm0 0C16 6.5 17 3 14.7 3 13 3 12 6.5 12 6.5z",
  picker:
    "M12 4a8 8 0 1 0 0 16c1.5 0 1.8-1 1.3-2-.6-1.2 0-2.5 1.5-2.5H17a3.5 3.5 0 0 0 3-3.5C20 7.5 16.4 4 12 4zM8 11h.01M10.5 7.7h.01M14.5 8h.01",
};

export type IconName = keyof typeof paths;

/** One of these, or an element's own. */
export type Icon = IconName | { name: string; path: string };

/** Return an icon; it says nothing to a screen reader, its button's label does. */
export function icon(of: Icon): SVGElement {
  const { name, path: line } = typeof of === "string" ? { name: of, path: paths[of] } : of;
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  const path = document.createElementNS(space, "path");
  const attributes = { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon", "data-icon": name };
  for (const [key, value] of Object.entries(attributes)) svg.setAttribute(key, value);
  path.setAttribute("d", line);
  svg.append(path);
  return svg;
}

/** Where the livedraft server is; it has to let this page in: `livedraft serve --origins …`. */
export const SERVER: string = import.meta.env.VITE_LIVEDRAFT_URL ?? "http://127.0.0.1:7860";

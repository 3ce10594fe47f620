/** The server and the models on it, as an element's tag says them. */

export interface Connection {
  url: string; // absolute
  model: string; // empty: the server's default
  token: string;
  refineModel?: string; // that makes the final pictures
}

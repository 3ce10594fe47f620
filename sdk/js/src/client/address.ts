/** Where a server is: the address of its WebSocket, from what a page says. */

/** Return the WebSocket address of a server: `/`, `http://host:port`, or a full `ws://` address. */
export function endpoint(url: string, base: string): string {
  const address = new URL(url || "/", base);
  address.protocol = address.protocol.replace(/^http/, "ws");
  address.hash = "";
  if (!address.pathname.endsWith("/v1/realtime")) {
    address.pathname = `${address.pathname.replace(/\/+$/, "")}/v1/realtime`;
  }
  return address.href;
}

/** Return a whole address, or one that is none as it is: who connects says what is wrong with it. */
export function absolute(address: string, base: string): string {
  try {
    return new URL(address, base).href;
  } catch {
    return address;
  }
}

/** Return where a server's files and lists are, for any of its addresses, without a slash at the end. */
export function serverOf(url: string): string {
  return url
    .replace(/^ws/, "http")
    .replace(/[?#].*$/, "")
    .replace(/\/v1\/realtime$/, "")
    .replace(/\/+$/, "");
}

const OWN = /\/livedraft(-\w+)?\.m?js([?#]|$)/; // our scripts' own names: a bundler gives others

/** Return where one of our files is: beside the script, or where a bundler took that in, on the server. */
export function beside(script: string, server: string, file: string): string {
  return new URL(file, OWN.test(script) ? script : `${server}/`).href;
}

/** What an element's drawing is kept by: the same at each load of a page, and another for each element. */

export interface Identity {
  key: string;
  given: boolean; // by the page, as `state-key`
  old: string; // what earlier versions kept it by
}

/** Query parameters that say nothing about which page it is: of hosts, of Gradio, of adverts. */
const PASSING = /^(__|utm_)|clid$/;

/** Return an element's identity: its `state-key`, else the page, and the place in the page. */
export function identify(element: Element): Identity {
  const url = element.getAttribute("url") ?? "/";
  const given = element.getAttribute("state-key");
  const nth = [...document.querySelectorAll(element.localName)].indexOf(element);
  const old = given ?? `${location.pathname} ${url} ${element.id || nth}`;
  if (given !== null) return { key: JSON.stringify(["key", given]), given: true, old };
  const model = element.getAttribute("model") ?? "";
  return { key: JSON.stringify([page(location), url, model, ...place(element)]), given: false, old };
}

/** Return a page's path, with what of its query and its hash leads to another page. */
export function page({ pathname, search, hash }: Pick<Location, "pathname" | "search" | "hash">): string {
  const query = [...new URLSearchParams(search)].filter(([name]) => !PASSING.test(name)).sort();
  const route = /^#!?\//.test(hash) ? hash : "";
  return pathname + (query.length ? `?${new URLSearchParams(query).toString()}` : "") + route;
}

/** Return where an element stands: in its tree, its host's place in the tree around, and so on. */
function place(element: Element): string[] {
  const steps: string[] = [];
  for (let at: Element | null = element; at; ) {
    const tree = at.getRootNode() as Document | ShadowRoot | Element;
    const alike = [...tree.querySelectorAll(at.id ? `[id=${JSON.stringify(at.id)}]` : at.localName)];
    steps.push(`${at.id ? `#${at.id}` : at.localName} ${alike.indexOf(at)}`);
    at = tree instanceof ShadowRoot ? tree.host : frame(at);
  }
  return steps;
}

/** Return the frame that an element's document is in, where the page around may be looked at. */
function frame(element: Element): Element | null {
  try {
    return element.ownerDocument.defaultView?.frameElement ?? null;
  } catch {
    return null; // another site's page
  }
}

/** By key: who keeps a drawing under it in this page, and when the last one was done. */
const owners = new Map<string, object>();
const leaving = new Map<string, Promise<unknown>>();

/** Take a key that nobody else in this page has: this one, or one that is made of it. */
export function claim(key: string, owner: object): string {
  for (let n = 1; ; n++) {
    const own = n === 1 ? key : `${key} ${n}`;
    if ((owners.get(own) ?? owner) !== owner) continue;
    owners.set(own, owner);
    return own;
  }
}

/** Give a key back; whoever takes it next waits until all is written. */
export function release(key: string, owner: object, written: Promise<unknown>): void {
  if (owners.get(key) !== owner) return;
  owners.delete(key);
  leaving.set(key, written);
}

/** Wait until the last owner of a key has written all. */
export async function vacated(key: string): Promise<void> {
  await leaving.get(key);
  leaving.delete(key);
}

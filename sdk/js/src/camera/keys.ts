/** The keyboard: one letter each, wherever the focus is in the element but in a text. */

export type Keys = Readonly<Record<string, () => void>>;

const TYPED = ["text", "search", "number", "email", "url"];

/** Do what a key stands for, unless it is typed, or belongs to the page. */
export function press(event: KeyboardEvent, keys: Keys): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || event.repeat)
    return;
  const [target] = event.composedPath();
  if (target instanceof HTMLInputElement && TYPED.includes(target.type)) return;
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return;
  const act = keys[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

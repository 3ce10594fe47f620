/** An element of livedraft as a React component: its attributes and events are props, by the element's own tables. */

import type { ForwardRefExoticComponent, HTMLAttributes, PropsWithoutRef, RefAttributes } from "react";
import { createElement, forwardRef, useEffect, useImperativeHandle, useLayoutEffect, useRef } from "react";
import type { AttributeValues } from "../index.ts";
import { property, written } from "../ui/attributes.ts";

type Camel<S extends string> = S extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : S;

type Attributes<Name extends string> = {
  [N in Name as Camel<N>]?: (N extends keyof AttributeValues ? AttributeValues[N] : string) | null | undefined;
};

type Listeners<Events> = {
  [N in keyof Events & string as `on${Capitalize<Camel<N>>}`]?: ((event: CustomEvent<Events[N]>) => void) | undefined;
};

type Own<Name extends string, Events, Properties> = Omit<Attributes<Name>, keyof Properties> &
  Listeners<Events> &
  Properties;

/** The props: attributes in camel case, `on…` of each event, `Properties`, and what React gives every tag. */
export type Props<Name extends string, Events, Properties = object> = Omit<
  HTMLAttributes<HTMLElement>,
  "children" | "dangerouslySetInnerHTML" | keyof Own<Name, Events, Properties>
> &
  Own<Name, Events, Properties>;

export type Component<E, P> = ForwardRefExoticComponent<PropsWithoutRef<P> & RefAttributes<E>>;

interface ElementClass {
  readonly prototype: object;
  readonly observedAttributes: readonly string[];
  readonly events: readonly string[];
}

type Listener = (event: Event) => void;

// Before the browser paints, and before the element connects, which it does once its page's task is over.
const useCommit = typeof document === "undefined" ? useEffect : useLayoutEffect;

/** Return the component of an element; `ref` gives the element itself, with its methods. */
export function component<E extends HTMLElement, P extends object>(tag: string, made: ElementClass): Component<E, P> {
  const attributes = new Map(made.observedAttributes.map((name) => [property(name), name]));
  const events = new Map(made.events.map((name) => [property(`on-${name}`), name]));
  const given = forwardRef<E, Record<string, unknown>>((props, ref) => {
    const element = useRef<E>(null);
    const heard = useRef<Map<string, unknown>>(new Map());
    const set = useRef<Map<string, unknown>>(new Map());
    const tagged: Record<string, unknown> = { ref: element };
    const listeners = new Map<string, unknown>();
    const properties = new Map<string, unknown>();
    for (const [prop, value] of Object.entries(props)) {
      const [attribute, event] = [attributes.get(prop), events.get(prop)];
      if (event) listeners.set(event, value);
      else if (attribute) tagged[attribute] = text(attribute, value);
      else if (settable(made.prototype, prop)) properties.set(prop, value);
      else tagged[prop === "className" ? "class" : prop] = value; // as HTML calls it: React 18 does not know
    }
    useImperativeHandle<E | null, E | null>(ref, () => element.current, []);
    useCommit(() => {
      heard.current = listeners;
      for (const [name, value] of properties) {
        if (element.current && !alike(set.current.get(name), value)) Reflect.set(element.current, name, value);
      }
      set.current = properties;
    });
    useCommit(() => {
      const { current } = element;
      const tell: Listener = (event) => (heard.current.get(event.type) as Listener | undefined)?.(event);
      for (const name of made.events) current?.addEventListener(name, tell);
      return () => {
        for (const name of made.events) current?.removeEventListener(name, tell);
      };
    }, []);
    return createElement(tag, tagged);
  });
  given.displayName = property(`-${tag}`);
  return given as unknown as Component<E, P>;
}

/** Return what the tag says, so that a server renders it, too; undefined where the tag is without. */
function text(attribute: string, value: unknown): string | undefined {
  const asJson = typeof value === "object" && value !== null && attribute !== "palette" && attribute !== "loras";
  return (asJson ? JSON.stringify(value) : written(value)) ?? undefined;
}

/** Whether the element's own class has such a property, and lets it be set. */
function settable(prototype: object, name: string): boolean {
  return Boolean(Object.getOwnPropertyDescriptor(prototype, name)?.set);
}

/** A list that is written in the props is another one at each turn, and says the same. */
function alike(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}

/** An element of livedraft as a React component: its attributes and events are props, by the element's own tables. */
import type { ForwardRefExoticComponent, HTMLAttributes, PropsWithoutRef, RefAttributes } from "react";
import type { AttributeValues } from "../livedraft.mjs";
type Camel<S extends string> = S extends `${infer First}-${infer Rest}` ? `${First}${Capitalize<Camel<Rest>>}` : S;
type Attributes<Name extends string> = {
    [N in Name as Camel<N>]?: (N extends keyof AttributeValues ? AttributeValues[N] : string) | null | undefined;
};
type Listeners<Events> = {
    [N in keyof Events & string as `on${Capitalize<Camel<N>>}`]?: ((event: CustomEvent<Events[N]>) => void) | undefined;
};
type Own<Name extends string, Events, Properties> = Omit<Attributes<Name>, keyof Properties> & Listeners<Events> & Properties;
/** The props: attributes in camel case, `on…` of each event, `Properties`, and what React gives every tag. */
export type Props<Name extends string, Events, Properties = object> = Omit<HTMLAttributes<HTMLElement>, "children" | "dangerouslySetInnerHTML" | keyof Own<Name, Events, Properties>> & Own<Name, Events, Properties>;
export type Component<E, P> = ForwardRefExoticComponent<PropsWithoutRef<P> & RefAttributes<E>>;
interface ElementClass {
    readonly prototype: object;
    readonly observedAttributes: readonly string[];
    readonly events: readonly string[];
}
/** Return the component of an element; `ref` gives the element itself, with its methods. */
export declare function component<E extends HTMLElement, P extends object>(tag: string, made: ElementClass): Component<E, P>;
export {};

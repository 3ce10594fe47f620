// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.
/** The messages of protocol version 1, and what they describe. */
export type Params = Record<string, unknown>;
/** The one error class; `code`, `retryable` and `fix` are those of docs/reference/errors.md. */
export interface ErrorFields {
	code: string;
	message: string;
	retryable?: boolean;
	fix?: string;
	id?: number | null;
}
export declare class LivedraftError extends Error {
	readonly name = "LivedraftError";
	readonly code: string;
	readonly retryable: boolean;
	readonly fix: string;
	readonly id: number | null;
	constructor(fields: ErrorFields);
}
/** The server and the model on it, as the tag says them. */
export interface Connection {
	url: string;
	model: string;
	token: string;
	refineModel?: string;
}
declare const Base: typeof HTMLElement;
declare abstract class LiveElement extends Base {
	static readonly shared: readonly string[];
	private picked;
	private running;
	private reconnecting;
	private look;
	private sight;
	private shown;
	private styles;
	connectedCallback(): void;
	disconnectedCallback(): void;
	adoptedCallback(): void;
	attributeChangedCallback(name: string, before: string | null, value: string | null): void;
	/** An attribute of the element's own changed. */
	protected abstract attributeChanged(name: string, value: string | null): void;
	/** It came into the page. */
	protected abstract begin(): void;
	/** It was taken out of the page. */
	protected abstract end(): void;
	/** It came into sight, or went out of it. */
	protected abstract seen(visible: boolean): void;
	/** It is to connect, in place of any connection before. */
	protected abstract connectTo(connection: Connection): void;
	/** Show this in a shadow tree of the element's own, by these rules beside the shared ones. */
	protected mount(shown: HTMLElement, styles: string): void;
	/** Tell the page; `input` and `change` bubble. */
	protected emit(name: string, detail: object): void;
	protected tell({ code, message, fix, retryable }: LivedraftError): void;
	/** Connect anew. */
	protected connect(): void;
	/** Whether the user may choose among the server's models: where the page names none, or says `models`. */
	protected get choosesModel(): boolean;
	/** Go on with another model of the server. */
	protected pick(model: string): void;
	/** Begin or end once it is known where the element is: a framework may move it about in one task. */
	private settle;
	private stayVisible;
	/** Take properties that were set before this class was there, and would now hide its own. */
	private takeProperties;
	/** Connect anew, once for several attributes that change together. */
	private reconnect;
}
/** `idle`: the server gave the place away, and the next thing that the user does asks for one again. */
export type LinkState = "connecting" | "queued" | "open" | "idle" | "reconnecting" | "closed";
export interface MediaStats {
	fps: number;
	roundTripMs: number;
	modelMs: number;
	networkMs: number;
	serverMs: number;
	sent: number;
	left: number;
}
export type State = LinkState | "generating";
export interface PlayerStats extends MediaStats {
	late: number;
	gaps: number;
	offsetMs: number | null;
}
export type CameraStats = PlayerStats & {
	captured: number;
	skipped: number;
};
/** `asking`: the browser asks the user; `failed`: it gave nothing, or what it gave went away. */
export type SourceState = "idle" | "asking" | "live" | "stopped" | "failed";
/** The detail of the event `diagnostics`, and the property of that name. */
export interface CameraDiagnostics {
	state: State;
	position: number;
	source: SourceState;
	stats: CameraStats | null;
}
declare class LivedraftCamera extends LiveElement {
	static readonly observedAttributes: string[];
	private readonly studio;
	private server;
	constructor();
	protected begin(): void;
	protected end(): void;
	protected seen(): void;
	protected connectTo(connection: Connection): void;
	protected attributeChanged(name: string, value: string | null): void;
	/** Ask for the source and send it, as the button does; the browser may want it within a user's press. */
	start(): void;
	stop(): void;
	/** Send a clip, over and over. */
	open(clip: Blob): void;
	/** All params as they stand; setting merges key by key. */
	get params(): Params;
	set params(params: Params);
	/** The connection, the source, and how fast pictures come; each change is an event `diagnostics`. */
	get diagnostics(): CameraDiagnostics;
	private paramAttribute;
}
/** The element's class; where a page has two versions of this script, that of the first. */
declare const LivedraftCamera$1: typeof LivedraftCamera;
type LivedraftCamera$1 = LivedraftCamera;
declare global {
	interface HTMLElementTagNameMap {
		"livedraft-camera": LivedraftCamera;
	}
}

export {
	LivedraftCamera$1 as LivedraftCamera,
};

export {};

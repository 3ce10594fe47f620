// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.
/** The server and the models on it, as an element's tag says them. */
export interface Connection {
	url: string;
	model: string;
	token: string;
	refineModel?: string;
}
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
/** What the browser measured; times are means since the last time that it was asked, ms. */
export interface RtpStats {
	roundTripMs: number;
	route: Route;
	lost: number;
	bufferMs: number;
	encodeMs: number;
	decodeMs: number;
	held: "" | "cpu" | "bandwidth";
}
/** How packets go: between the machines' own addresses, through address translation, or by a relay. */
export type Route = "" | "host" | "srflx" | "prflx" | "relay";
export type Via = "websocket" | "webrtc";
/** `idle`: the server gave the place away, and the next thing that the user does asks for one again. */
export type LinkState = "connecting" | "queued" | "open" | "idle" | "reconnecting" | "closed";
/** A verdict on how a session goes, and what holds it back; it does not change its mind with each breath. */
export type Level = "good" | "fair" | "poor";
export type Factor = "network" | "server" | "device";
export interface Quality {
	level: Level;
	limit: Factor | "";
}
export type State = LinkState | "generating";
export interface MediaStats {
	fps: number;
	roundTripMs: number;
	modelMs: number;
	networkMs: number;
	serverMs: number;
	sent: number;
	left: number;
	quality: Quality;
	rtp: RtpStats | null;
}
/** In the detail of the event `diagnostics`, and in the property of that name. */
export interface SessionDiagnostics {
	state: State;
	position: number;
	transport: Via;
	fallback: string;
	model: string;
}
export interface Host {
	emit(name: string, detail: object): void;
	failed(error: LivedraftError): void;
	retry(): void;
	picked(model: string): void;
	choosesModel(): boolean;
	diagnosed(): void;
}
/** What an element asks of what is inside it; a SessionPanel, in all of them. */
export interface Inside {
	readonly settings: {
		readonly all: Params;
	};
	readonly params: {
		choose(params: Params): void;
	};
	readonly diagnostics: SessionDiagnostics;
	/** Open a session, in place of any before. */
	connect(connection: Connection): unknown;
	close(): void;
	attribute(param: string, value: unknown): void;
	declare(params: Params): void;
}
declare const Base: typeof HTMLElement;
declare abstract class LiveElement extends Base {
	#private;
	static readonly shared: readonly [
		"url",
		"model",
		"token",
		"models",
		"height",
		"theme",
		"params",
		"prompt",
		"picture-style",
		"palette",
		"loras",
		"seed",
		"strength",
		"steps",
		"size"
	];
	/** The names of the params that have attributes of their own. */
	static readonly params: readonly string[];
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
	/** All params as they stand; setting merges key by key, and text is the attribute's. */
	get params(): Params;
	set params(params: Params | string | null | undefined);
	/** What there is to tell of the session; each change is an event `diagnostics`. */
	get diagnostics(): SessionDiagnostics;
	/** An attribute of the element's own changed. */
	protected attributeChanged(_name: string, _value: string | null): void;
	/** It came into the page. */
	protected begin(): void;
	/** It came into sight, or went out of it. */
	protected seen(_visible: boolean): void;
	/** It was taken out of the page. */
	protected end(): void;
	/** It is to connect, in place of any connection before. */
	protected connectTo(connection: Connection): void;
	/** What the parts inside need of the element. */
	protected get host(): Host;
	/** Show this in a shadow tree of the element's own, by these rules beside the shared ones. */
	protected mount(panel: Inside, shown: HTMLElement, styles: string): void;
	/** Tell the page; `input` and `change` bubble. */
	protected emit(name: string, detail: object): void;
	protected emitError({ code, message, fix, retryable }: LivedraftError): void;
	/** Tell the page what is new of the session. */
	private diagnosed;
	/** Connect anew. */
	private connect;
	/** Whether the user may choose among the server's models: where the page names none, or says `models`. */
	private get choosesModel();
	private paramsAttribute;
	private paramAttribute;
	/** Begin or end once it is known where the element is: a framework may move it about in one task. */
	private settle;
	private stayVisible;
	/** Take properties that were set before this class was there, and would now hide its own. */
	private takeProperties;
	/** Connect anew, once for several attributes that change together. */
	protected reconnect(): void;
}
export type SourceKind = "camera" | "screen" | "clip";
/** `asking`: the browser asks the user; `failed`: it gave nothing, or what it gave went away. */
export type SourceState = "idle" | "asking" | "live" | "stopped" | "failed";
export interface PlayerStats extends MediaStats {
	late: number;
	gaps: number;
	offsetMs: number | null;
}
/** What the marks of the newest frames say, ms from a frame's capture to its being shown. */
export interface Glass {
	p50: number;
	p95: number;
	count: number;
}
export interface LiveStats extends PlayerStats {
	captured: number;
	skipped: number;
	glass: Glass | null;
}
export type CameraStats = LiveStats;
/** The detail of the event `diagnostics`, and the property of that name. */
export interface CameraDiagnostics extends SessionDiagnostics {
	source: SourceState;
	stats: CameraStats | null;
}
declare class LivedraftCamera extends LiveElement {
	#private;
	static readonly observedAttributes: readonly [
		"url",
		"model",
		"token",
		"models",
		"height",
		"theme",
		"params",
		"prompt",
		"picture-style",
		"palette",
		"loras",
		"seed",
		"strength",
		"steps",
		"size",
		"source",
		"view",
		"mirror",
		"transport",
		"codec",
		"measure",
		"muted"
	];
	static readonly events: ("input" | "frame" | "error" | "stop" | "start" | "diagnostics" | "ready")[];
	private server;
	constructor();
	protected end(): void;
	protected connectTo(connection: Connection): void;
	protected attributeChanged(name: string, value: string | null): void;
	/** Ask for the source and send it, as the button does; the browser may want it within a user's press. */
	start(): void;
	stop(): void;
	/** Send a clip, over and over. */
	open(clip: Blob): void;
	/** Return the picture on show as a PNG that tells its recipe; null where there is none. */
	snapshot(): Promise<File | null>;
	/** Record what is seen, with sound where there is any and the user allows it. */
	record(): Promise<void>;
	/** End the recording; return the film, null where none was being made. */
	stopRecording(): Promise<File | null>;
	/** Open a window with nothing but the picture, or close it; within what the user does. */
	popOut(): void;
	/** The connection, the source, and how fast pictures come; each change is an event `diagnostics`. */
	get diagnostics(): CameraDiagnostics;
}
export interface ParamsDetail {
	params: Params;
}
export interface ReadyDetail extends ParamsDetail {
	model: string;
	resumed: boolean;
}
export interface ErrorDetail {
	code: string;
	message: string;
	fix: string;
	retryable: boolean;
}
export interface ElementEvents {
	/** The session with the model is open, or goes on with another one. */
	ready: ReadyDetail;
	/** The user changed a param. */
	input: ParamsDetail;
	/** Something went wrong; the element tells the user, too. */
	error: ErrorDetail;
	/** What the property of this name tells is new. */
	diagnostics: SessionDiagnostics;
}
export interface CameraFrameDetail {
	id: number;
	pts: number;
	timings: Record<string, number>;
}
export interface CameraEvents extends ElementEvents {
	/** The user has the source sent. */
	start: {
		source: SourceKind;
	};
	/** The user stopped it. */
	stop: Record<string, never>;
	/** A picture is shown. */
	frame: CameraFrameDetail;
	diagnostics: CameraDiagnostics;
}
declare const NUMBERS: readonly [
	"seed",
	"strength",
	"steps",
	"size"
];
declare const FLAGS: readonly [
	"locked",
	"required",
	"disabled",
	"models",
	"muted",
	"measure",
	"consent",
	"listen"
];
export type Numeric = Record<(typeof NUMBERS)[number] | "height", number | string>;
export type Flags = Record<(typeof FLAGS)[number], boolean>;
/** What the property of an attribute takes, where that is more than any text. */
export interface AttributeValues extends Numeric, Flags {
	params: string | Params;
	palette: string | readonly string[];
	loras: string | Readonly<Record<string, number>>;
	theme: "light" | "dark";
	layout: "beside" | "over";
	"refine-when": "rest";
	source: "camera" | "screen";
	view: "beside" | "split" | "result";
	mirror: "on" | "off";
	transport: "auto" | "websocket" | "webrtc";
	captions: "on" | "off";
	badge: "on" | "off";
	cart: "on" | "off";
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

// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.
/** The messages of protocol version 1, and what they describe. */
export type Params = Record<string, unknown>;
/** A verdict on how a session goes, and what holds it back; it does not change its mind with each breath. */
export type Level = "good" | "fair" | "poor";
export type Factor = "network" | "server" | "device";
export interface Quality {
	level: Level;
	limit: Factor | "";
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
/** A text, or its pieces as they come, as of a language model. */
type Text$1 = string | Iterable<string> | AsyncIterable<string>;
/** Takes sound as pages have it, 16 bits or floats, of any rate, in chunks of any size; gives packets of one rate. */
export type Samples = Int16Array | Float32Array;
/** The server and the models on it, as an element's tag says them. */
export interface Connection {
	url: string;
	model: string;
	token: string;
	refineModel?: string;
}
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
export type Via = "websocket" | "webrtc";
/** `idle`: the server gave the place away, and the next thing that the user does asks for one again. */
export type LinkState = "connecting" | "queued" | "open" | "idle" | "reconnecting" | "closed";
export type State = LinkState | "generating";
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
export interface PlayerStats extends MediaStats {
	late: number;
	gaps: number;
	offsetMs: number | null;
}
export type TalkState = "idle" | "listening" | "speaking";
/** A word, and when it is heard: µs of the session's media clock. */
export interface Word {
	text: string;
	at: number;
	until: number;
}
/** `asking`: the browser asks the user; `held`: only as long as a button is. */
export type MicrophoneState = "off" | "asking" | "on" | "held";
/** The detail of the event `diagnostics`, and the property of that name; nothing of it shows anybody. */
export interface HeadDiagnostics extends SessionDiagnostics {
	talking: TalkState;
	viseme: string;
	frames: number;
	words: number;
	audible: boolean;
	microphone: MicrophoneState;
	heard: boolean;
	recording: boolean;
	portrait: boolean;
	stats: PlayerStats | null;
}
/** Words of an element: one table a language, each of its texts plain, so that a page can set it in JSON. */
/** What an English table is as a type: its keys, with any texts. */
export type Widened<T> = {
	readonly [K in keyof T]: T[K] extends string ? string : Widened<T[K]>;
};
/** What a page says instead: any part of a table. */
export type WordingOf<Words> = Partial<{
	readonly [G in keyof Words]: Partial<Words[G]>;
}>;
declare const en: {
	readonly stage: {
		readonly label: "Talking head";
		readonly idle: "A face, at rest";
		readonly listening: "A face that listens";
		readonly speaking: "A face that speaks";
		readonly empty: "Nothing to be seen yet";
		readonly connecting: "Waking up \u2026";
		readonly queued: "Waiting for a place";
		readonly place: "Place {position} in the queue";
		readonly reconnecting: "The connection broke. It comes back by itself \u2026";
		readonly closed: "Not connected";
		readonly hear: "Tap to hear";
		readonly hearHint: "Your browser plays sound after you tap.";
		readonly release: "Let go: a picture becomes the face, sound is spoken";
	};
	readonly state: {
		readonly idle: "Ready";
		readonly listening: "Listening";
		readonly speaking: "Speaking";
		readonly connecting: "Connecting";
		readonly queued: "Waiting for a place";
		readonly reconnecting: "Reconnecting";
		readonly paused: "Paused, goes on when you speak or type";
		readonly closed: "Not connected";
		readonly recording: "Recording";
	};
	readonly say: {
		readonly label: "What is to be said";
		readonly hint: "Type what I should say";
		readonly speak: "Speak";
		readonly stop: "Stop";
		readonly stopHint: "Be silent at once (Escape)";
		readonly open: "Speak a sound file";
		readonly reading: "Reading the sound \u2026";
	};
	readonly microphone: {
		readonly on: "Microphone";
		readonly off: "Turn the microphone off";
		readonly hold: "Hold to talk";
		readonly asking: "The browser asks whether this page may use the microphone.";
		readonly ready: "Speak: the face says it with your voice.";
		readonly agent: "Speak: what you say is heard.";
		readonly hearing: "Somebody speaks";
	};
	readonly faces: {
		readonly label: "Face";
		readonly own: "Your own portrait";
		readonly another: "Another portrait";
		readonly remove: "Remove the portrait";
		readonly usual: "The server\u2019s choice";
		readonly portrait: "Your portrait";
		readonly hint: "A picture of a face from the front. You can drop or paste one, too.";
		readonly reading: "Reading the portrait \u2026";
		readonly shown: "Your portrait is there.";
	};
	readonly consent: {
		readonly title: "Is this your face, or do you have the person\u2019s consent?";
		readonly text: "The picture will speak with any words. Use your own, a drawing, or one of somebody who agreed to that. Pretending that a real person said something can be against the law.";
		readonly mark: "What is made carries a visible mark and says in its data that a model made it.";
		readonly here: "The picture stays on this device.";
		readonly own: "The picture is sent to {host}, the server of this page, and nowhere else.";
		readonly elsewhere: "The picture is sent to {host}, and nowhere else.";
		readonly check: "It is me, it is nobody, or the person agreed";
		readonly agree: "Use this picture";
		readonly cancel: "Not now";
	};
	readonly sound: {
		readonly label: "Sound and captions";
		readonly mute: "Mute";
		readonly unmute: "Let it be heard";
		readonly volume: "Volume";
		readonly captions: "Captions";
		readonly said: "What is being said";
	};
	readonly record: {
		readonly start: "Record";
		readonly stop: "Stop recording and save";
		readonly saved: "Saved as {name}.";
		readonly hint: "Picture and sound, as a film that is marked as made by a model";
	};
	readonly settings: {
		readonly label: "Voice and manner";
		readonly voice: "Voice";
		readonly speed: "Speed";
		readonly pitch: "Pitch";
		readonly liveliness: "Liveliness";
		readonly badge: "Visible mark";
	};
	readonly actions: {
		readonly retry: "Try again";
		readonly dismiss: "Dismiss";
	};
	readonly errors: {
		readonly connect_failed: "The server does not answer at the moment. Try again in a moment.";
		readonly connection_lost: "The connection broke. Try again.";
		readonly server_busy: "Many people are talking right now. Try again in a moment.";
		readonly session_closed: "The session has ended. Try again to go on.";
		readonly session_unknown: "The session has ended. Try again to go on.";
		readonly timed_out: "That took too long. Try again.";
		readonly unauthorized: "This page may not use the server. Tell who runs the page.";
		readonly model_not_found: "This server has no talking head. Tell who runs the page.";
		readonly model_failed: "That did not work. Try another portrait, or other words.";
		readonly out_of_memory: "The server is full at the moment. Try again in a moment.";
		readonly too_large: "This picture is too large. Use one of at most {megapixels} megapixels and {megabytes} MB.";
		readonly damaged: "This picture is damaged. Choose another one.";
		readonly no_picture: "This is neither a picture nor sound. Use a PNG, JPEG or WebP, or a sound file.";
		readonly invalid_sound: "This sound cannot be read. Use a WAV, MP3, OGG or M4A.";
		readonly sound_too_long: "This sound is too long. Use one of at most {minutes} minutes.";
		readonly text_too_long: "This text is too long. Use at most {characters} characters.";
		readonly media_denied: "This page may not use the microphone. Allow it in the browser\u2019s address bar, or type.";
		readonly media_missing: "No microphone was found. Connect one, or type.";
		readonly media_busy: "The microphone does not start: another program may be using it. Close that, or type.";
		readonly media_insecure: "The browser gives the microphone to secure pages alone. Type instead.";
		readonly media_unsupported: "This browser gives pages no microphone. Type instead.";
		readonly media_failed: "The microphone failed. Try again, or type.";
		readonly media_ended: "The microphone was taken away. Connect it again, or type.";
		readonly record_failed: "The film ends early. Stop the recording to keep what there is.";
		readonly record_unsupported: "This browser cannot record. Use another one.";
		readonly other: "Something went wrong: {message}";
	};
};
/** A table has the keys of the English one. In a text, `{name}` stands for what is known when it is shown. */
export type Words = Widened<typeof en>;
/** What a page says instead: any part of a table. */
export type Wording = WordingOf<Words>;
declare class LivedraftHead extends LiveElement {
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
		"avatar",
		"voice",
		"portrait",
		"consent",
		"lang",
		"captions",
		"muted",
		"listen",
		"badge",
		"transport"
	];
	static readonly events: ("input" | "error" | "state" | "interrupted" | "diagnostics" | "ready" | "viseme" | "word" | "utterance")[];
	private wording;
	private server;
	constructor();
	protected begin(): void;
	protected end(): void;
	protected seen(visible: boolean): void;
	protected connectTo(connection: Connection): void;
	protected attributeChanged(name: string, value: string | null): void;
	/**
	 * Have a text spoken, or a stream of its parts as they are written. Resolves when all of it is on its way,
	 * or it was interrupted; rejects where the stream does.
	 */
	speak(text: Text$1): Promise<void>;
	/**
	 * Have sound spoken: mono, of any rate in Hz, in chunks of any size. Resolves when more is welcome; rejects
	 * with `sound_line_full` for who pours on and on without waiting.
	 */
	pushAudio(pcm: Samples, rate: number): Promise<void>;
	/** Be silent at once, and close the lips: what is still to be said is not. */
	interrupt(): void;
	/** Take a picture as the portrait, once it was asked about, or sound to speak. */
	open(file: Blob): void;
	/** Turn the microphone on, as the button does. */
	startMicrophone(): void;
	stopMicrophone(): void;
	/** Record what is seen and heard, until `stop`. */
	record(): void;
	/** Return the film that was being recorded, named and marked; null where none was. */
	stop(): Promise<File | null>;
	/** 0..1 */
	get volume(): number;
	set volume(volume: number);
	/** Texts of the page's own, in place of the element's. */
	get words(): Wording;
	set words(words: Wording);
	/** The connection, and what the head does; each change is an event `diagnostics`. */
	get diagnostics(): HeadDiagnostics;
	private show;
	private reword;
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
/** What somebody said, for an agent: 16 bits, mono. */
export interface Utterance {
	pcm: Int16Array;
	rate: number;
	durationMs: number;
}
export interface HeadEvents extends ElementEvents {
	/** It began to listen, to speak, or to do neither. */
	state: {
		state: TalkState;
	};
	/** The mouth took another shape. */
	viseme: {
		viseme: string;
	};
	/** A word is heard. */
	word: Word;
	/** The user said something, and the page listens. */
	utterance: Utterance;
	/** It was silenced, by the page or by the user. */
	interrupted: {
		speaking: boolean;
	};
	diagnostics: HeadDiagnostics;
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
declare const LivedraftHead$1: typeof LivedraftHead;
type LivedraftHead$1 = LivedraftHead;
declare global {
	interface HTMLElementTagNameMap {
		"livedraft-head": LivedraftHead;
	}
}

export {
	LivedraftHead$1 as LivedraftHead,
	Text$1 as Text,
};

export {};

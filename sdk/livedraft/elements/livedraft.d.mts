// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.
/** The messages of protocol version 1, and what they describe. */
export type Params = Record<string, unknown>;
export type Stage = "draft" | "preview" | "final";
/** What a refine asks for: a picture, a film as one file, or either, as the model makes it. */
export type Wants = "picture" | "file" | "either";
export type ClientMessage = {
	type: "open";
	v: number;
	model?: string;
	params?: Params;
	accept?: string[];
	token?: string;
	resume?: string;
	features?: string[];
	codecs?: string[];
	refine_model?: string;
} | {
	type: "input";
	id: number;
	inputs: Record<string, Uint8Array>;
	params: Params;
} | MediaInput | Key | {
	type: "params";
	id: number;
	params: Params;
} | {
	type: "refine";
	id: number;
	params: Params;
	refine_model?: string;
	wants?: Wants;
} | {
	type: "switch";
	id: number;
	model: string;
	params: Params;
	inputs?: Record<string, Uint8Array>;
} | {
	type: "interrupt";
	id: number;
} | {
	type: "cancel";
} | {
	type: "ack";
	seq: number;
} | {
	type: "ping";
	id?: number | null;
} | {
	type: "close";
	code?: string;
	reason?: string;
};
/** A piece of sound or of moving pictures; times are µs on the sender's media clock. */
export interface Media {
	type: "media";
	track: string;
	id: number;
	pts: number;
	duration: number;
	codec: string;
	key: boolean;
	rate: number;
	channels: number;
	data: Uint8Array;
}
export type MediaInput = Pick<Media, "type" | "track" | "id" | "pts" | "duration" | "codec" | "data"> & Partial<Media>;
export interface MediaMessage extends Media {
	seq: number | null;
	dropped: number;
	dropped_us: number;
	timings: Record<string, number>;
	notes: Note[];
	about: Params;
}
/** What came since the last key frame of a track cannot be decoded: either end asks for another. */
export interface Key {
	type: "key";
	track: string;
}
/** One way in or out of a session that speaks `media`; 0 is any. */
export interface Track {
	name: string;
	way: "in" | "out";
	kind: "image" | "video" | "audio" | "text";
	policy: "latest" | "append" | "";
	max_s: number;
	codecs: string[];
	width: number;
	height: number;
	rate: number;
	channels: number;
	required: boolean;
	max_chars?: number;
}
/** One thing that a model takes; of moving pictures, sound and text, tracks say more. */
export interface InputSpec {
	name: string;
	kind?: "image" | "video" | "audio" | "text";
	width: number;
	height: number;
	alpha: boolean;
	required: boolean;
	description?: string;
}
/** A LoRA that a server has for a model. */
export interface LoraInfo {
	name: string;
	title?: string;
	description?: string;
}
/** A model as in `GET /v1/models`. */
export interface ModelInfo {
	id: string;
	title: string;
	description?: string;
	width: number;
	height: number;
	alpha: boolean;
	inputs: InputSpec[];
	outputs?: {
		name: string;
		kind: "image" | "video" | "audio";
	}[];
	endless?: boolean;
	draft_steps: number;
	max_steps: number;
	params_schema?: Record<string, unknown>;
	loras?: LoraInfo[];
	[more: string]: unknown;
}
/** How far a model is that the session waits for; `total` is 0 while that is unknown. */
export interface Loading {
	type: "loading";
	model: string;
	title: string;
	state: string;
	done: number;
	total: number;
	unit: string;
	message: string;
	served?: boolean;
}
export interface Queued {
	type: "queued";
	position: number;
}
export interface Opened {
	type: "opened";
	v: number;
	session: string;
	resume: string;
	resumed: boolean;
	last_id: number;
	model: ModelInfo;
	params: Params;
	window: number;
	max_message_bytes: number;
	max_pixels: number;
	features?: string[];
	tracks?: Track[];
	media_window_ms?: number;
	refine_model?: ModelInfo;
}
/** The model that drafts from now on, after `switch`. */
export interface Switched {
	type: "switched";
	id: number;
	model: ModelInfo;
	params: Params;
	tracks: Track[];
}
/** The LoRAs that a model of the session has now: some came, or were taken away. */
export interface LorasMessage {
	type: "loras";
	model: string;
	loras: LoraInfo[];
	params: Params;
}
export interface Ack {
	type: "ack";
	seq: number | null;
	id: number | null;
	params: Params;
}
/** What a user should know of how a picture was made; `choices` are values of `param` that may be meant. */
export interface Note {
	code: string;
	message: string;
	param: string;
	choices: string[];
}
export interface FrameMessage {
	type: "frame";
	seq: number;
	id: number;
	stage: Stage;
	model: string;
	seed: number | null;
	step: number;
	steps: number;
	params: Params;
	mime: string;
	width: number;
	height: number;
	image: Uint8Array<ArrayBuffer>;
	timings: Record<string, number>;
	dropped: number;
	batch: number;
	notes: Note[];
	data: Params;
}
/** How far a refine is; `done`: nothing more comes of it. */
export interface Progress {
	type: "progress";
	id: number;
	model: string;
	step: number;
	steps: number;
	notes: Note[];
	done: boolean;
}
/** A final film as a file, with its recipe and its marks. */
export interface FilmMessage {
	type: "film";
	id: number;
	model: string;
	seed: number | null;
	params: Params;
	mime: string;
	width: number;
	height: number;
	frames: number;
	duration: number;
	data: Uint8Array;
	notes: Note[];
	about: Params;
}
export interface ErrorMessage {
	type: "error";
	code: string;
	message: string;
	retryable: boolean;
	fix: string;
	id: number | null;
	fatal: boolean;
}
export interface Pong {
	type: "pong";
	id: number | null;
}
export interface Close {
	type: "close";
	code: string;
	reason: string;
}
export type ServerMessage = Loading | Queued | Opened | Switched | LorasMessage | Progress | FilmMessage | Ack | FrameMessage | MediaMessage | Key | ErrorMessage | Pong | Close;
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
/** Encodes pictures for the wire: PNG where transparency counts, else JPEG. */
/** What `LiveSession.send` takes; encoded pictures go as they are, `null` removes the input. */
export type Source = CanvasImageSource | Blob | Uint8Array | null;
export interface Target {
	width: number;
	height: number;
	alpha: boolean;
}
export interface Encoder {
	encode(source: Source, target: Target): Promise<Uint8Array>;
}
export type Token = string | (() => string | Promise<string>);
/**
 * `auto`: the WebSocket at once, and WebRTC from when it stands, for sound and moving pictures; where it breaks or cannot
 * be had the WebSocket goes on. `webrtc`: it alone.
 */
export type Transport = "auto" | "websocket" | "webrtc";
export interface LinkOptions {
	url: string;
	model: string;
	token: Token;
	accept: string[];
	codecs?: string[];
	refineModel?: string;
	loras?: boolean;
	loading?: boolean;
	arrivals?: boolean;
	films?: boolean;
	models?: boolean;
	transport?: Transport;
	params(): Params;
}
/** What a session talks over: a WebSocket, or WebRTC with tracks beside its messages. */
export type Kind = "audio" | "video";
/** A connection that carries whole messages; a WebSocket is one. */
export interface Wire {
	readonly readyState: number;
	readonly bufferedAmount: number;
	readonly rtp?: Rtp | null;
	onopen: ((event: Event) => void) | null;
	onmessage: ((event: MessageEvent<ArrayBuffer>) => void) | null;
	onclose: ((event: CloseEvent) => void) | null;
	send(bytes: Uint8Array<ArrayBuffer>): void;
	close(code?: number): void;
}
/** Sound and moving pictures beside the messages, one track of a kind each way. */
export interface Rtp {
	/** Send a track from now on, in place of any before; null: nothing. */
	send(kind: Kind, track: MediaStreamTrack | null): void;
	/** What comes from the server. */
	received(): MediaStream;
	stats(): Promise<RtpStats>;
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
export interface Platform {
	socket(address: string, protocol: string): Wire;
	/** Call a server by WebRTC; null where the browser has none. */
	peer: ((server: string, token: string) => Wire) | null;
	date(): number;
	now(): number;
	random(): number;
	later(run: () => void, ms: number): () => void;
	nextFrame(run: () => void): void;
	decode(image: Uint8Array, mime: string): Promise<ImageBitmap>;
	onWake(run: () => void): () => void;
	base(): string;
}
export type Via = "websocket" | "webrtc";
/** `idle`: the server gave the place away, and the next thing that the user does asks for one again. */
export type LinkState = "connecting" | "queued" | "open" | "idle" | "reconnecting" | "closed";
/** What the session hears; errors come through `message` or, of the link's own making, `failed`. */
export interface LinkEvents {
	opened(message: Opened): void;
	message(message: Exclude<ServerMessage, Opened>): void;
	state(state: LinkState): void;
	/** It goes on over WebRTC, or over the WebSocket again, since WebRTC broke or cannot be had. */
	transport(transport: Via, why: string): void;
	failed(error: LivedraftError): void;
}
declare class Link {
	private readonly options;
	private readonly events;
	private readonly platform;
	state: LinkState;
	private attempt;
	private stopWaiting;
	private resume;
	private fatal;
	private farewell;
	private failures;
	private openedAt;
	private everOpen;
	private readonly backoff;
	private readonly pulse;
	private readonly upgrade;
	private readonly other;
	private moving;
	private readonly heard;
	private readonly stopWake;
	constructor(options: LinkOptions, events: LinkEvents, platform: Platform);
	/** Tracks beside the messages, over WebRTC. */
	get rtp(): Rtp | null;
	/** Send a message if the session is open; tell whether it went. */
	send(message: ClientMessage): boolean;
	/** Bytes that the socket still holds. */
	get held(): number;
	/** Say whether an answer is to come: then silence is noticed sooner. */
	expect(answer: boolean): void;
	/** Try again now: instead of at the end of the waiting time, or after `idle`. */
	retry(): void;
	/** Go on over a new connection on which these codecs are agreed on. */
	prefer(codecs: string[]): void;
	/** A session that has to be opened afresh has this model from now on. */
	adopt(model: string): void;
	/** One that has to be opened afresh has its final pictures made by this one. */
	finishWith(model: string): void;
	/** The session has sound or moving pictures: go on by WebRTC, where that is wanted and can be had. */
	raise(): void;
	close(): void;
	private get address();
	/** The page or the network came back: what was open may be so no more. */
	private wake;
	private end;
	/** Have nothing more to do with the attempt, and with what was to happen next. */
	private leave;
	private connect;
	private make;
	/** Say who one is, on a connection that is there. */
	private introduce;
	/** Go on over another connection; the server takes the session over. */
	private move;
	/** An address that cannot be one, or that the page may not use, ends it all. */
	private impossible;
	private write;
	private receive;
	private opened;
	/** Nothing comes any more. What was open is made anew at once; the server takes it over. */
	private silent;
	private lost;
	/** Try again after a while, which grows unless the last connection was a good one. */
	private failed;
	private become;
}
/** A verdict on how a session goes, and what holds it back; it does not change its mind with each breath. */
export type Level = "good" | "fair" | "poor";
export type Factor = "network" | "server" | "device";
export interface Quality {
	level: Level;
	limit: Factor | "";
}
/**
 * When the next input may go: at most two in flight, and the second as late as keeps the model busy.
 *
 * An input sent early only waits in the server's slot and ages there. So the second goes when the
 * model is about to be done with the first, less the time that it needs to get there itself. The
 * Python client decides the same, by tests/vectors/pacing.json.
 */
/** Of a frame, ms; see the protocol. */
export type Timings = Readonly<Record<string, number>>;
/** When the first and the last pointer event of some ink happened, ms. */
export type Span = readonly [
	first: number,
	last: number
];
export interface Flight {
	sent: number;
	pen: Span | null;
	encodeMs: number;
	heldMs: number;
}
declare class Pacing {
	static readonly MAX_IN_FLIGHT = 2;
	private readonly flights;
	private free;
	private leadMs;
	private workMs;
	private encodedMs;
	get inFlight(): number;
	/** Return how long the next encoded input has to wait, in ms; Infinity until an answer comes. */
	wait(now: number): number;
	/** Return the same for one that has to be encoded first. */
	waitToEncode(now: number): number;
	/** Another model answers from now on, at a pace of its own. */
	reset(): void;
	sent(id: number, flight: Flight): void;
	/** Take what a frame of this id answers: the newest flight, with the ink of all. */
	answered(id: number, now: number, timings: Timings): Flight | null;
	/** Forget one id, or all: an error or a lost connection answers them. */
	forget(id?: number): void;
	private learn;
}
/** Measures of a session over its last frames: rate, latency, and the stage that limits it. */
export type Limit = "model" | "network" | "encode" | "browser" | "queue";
export interface Stats {
	fps: number;
	penToPixelMs: number;
	modelMs: number;
	encodeMs: number;
	networkMs: number;
	serverMs: number;
	queueMs: number;
	browserMs: number;
	dropped: number;
	limiting: Limit;
}
export interface Sample {
	penToPixelMs: number | null;
	encodeMs: number;
	roundTripMs: number;
	timings: Readonly<Record<string, number>>;
	browserMs: number;
	dropped: number;
	receivedAt: number;
	at: number;
}
/** A picture; `bitmap` of a draft or preview is only valid during the event. */
export type Frame = Omit<FrameMessage, "type"> & {
	bitmap: ImageBitmap;
};
export type ShownPicture = Sample & {
	id: number;
	oldestInkMs: number | null;
};
export type State = LinkState | "generating";
export interface SessionEvents {
	opened: Opened;
	switched: Switched;
	frame: Frame;
	shown: ShownPicture;
	state: State;
	stats: Stats;
	ack: {
		id: number;
		params: Params;
	};
	refused: {
		refused: Params;
		params: Params;
	};
	error: LivedraftError;
	loading: Loading;
	progress: Progress;
	queued: number;
	key: string;
	loras: LorasMessage;
	media: MediaMessage;
	transport: {
		transport: Via;
		why: string;
	};
	quality: Quality;
	interrupted: number;
}
declare class Emitter<Events extends object> {
	private readonly listeners;
	on<K extends keyof Events>(name: K, listener: (event: Events[K]) => void): () => void;
	protected emit<K extends keyof Events>(name: K, event: Events[K]): void;
}
/** A final film: an MP4 with its sound, if it has any, its recipe and its marks. */
export interface Film extends Omit<FilmMessage, "type" | "data" | "mime"> {
	file: File;
}
export type Final = Frame | Film;
declare class Refining {
	private finisher;
	private asked;
	private named;
	private says;
	/** `model` makes the final pictures; empty: the one that drafts. */
	constructor(finisher?: string);
	get model(): string;
	/** Have another model make the final pictures, from the next one on. */
	use(model: string): void;
	/** Whether one still has to be sent. */
	get waiting(): boolean;
	/** Whether one is asked for and not answered. */
	get running(): boolean;
	ask(params: Params, wants: Wants, closed: boolean): Promise<Final>;
	/** Begin on a connection with these features. After a lost one what was asked has to be sent again. */
	opened(features?: readonly string[]): void;
	/** Note that it went under this id, and return what is asked for; null where nothing can come of it. */
	sent(id: number, drafting: ModelInfo): {
		params: Params;
		refine_model?: string;
		wants?: Wants;
	} | null;
	/** Something newer went, so the server gives it up. */
	superseded(): void;
	/** Take a final frame; tell whether it was the one asked for. */
	done(frame: Frame): boolean;
	/** Take a film. */
	filmed({ type: _, data, mime, ...about }: FilmMessage): void;
	failed(id: number, error: LivedraftError): void;
	giveUp(): void;
	private resolve;
	/** Whether a final picture may come: what another model makes is the server's to say. */
	private makesPictures;
}
/** What a session goes on with; pictures are by the names of that model, encoded as it reads them. */
export interface Change {
	model: string;
	params: Params;
	inputs: Record<string, Uint8Array>;
}
declare class Switching {
	private asked;
	private next;
	/** Whether one still has to be sent. */
	get waiting(): boolean;
	/** Whether one went and is not answered: what goes meanwhile would be judged by either model. */
	get sent(): boolean;
	/** Ask for a model; one that was asked for before and did not go is given up. */
	ask(change: Change): Promise<Switched>;
	/** Note that it goes under this id, and return it. */
	take(id: number): Change;
	/** Take the server's answer, and return what was asked for. */
	answered(told: Switched): Change;
	/** The server refused it, if it was this: nothing has changed. */
	failed(id: number, error: LivedraftError): void;
	/**
	 * Begin on a new connection. What was not answered is asked for again, unless the session goes on with
	 * that model: then the answer alone was lost, and this returns what it would have been.
	 */
	opened(message: Opened, before: ModelInfo | null): Switched | null;
	/** Nothing comes of any. */
	end(error: LivedraftError): void;
	private goOn;
}
export interface Load {
	sources: Map<string, Source>;
	params: Params;
	pen: Span | null;
}
declare class Outbox {
	/** All that the caller asked for. */
	wanted: Params;
	private accepted;
	private params;
	private readonly apart;
	private sources;
	private pen;
	lastId: number;
	/** The newest id that a frame answers, or will. */
	drawnId: number;
	private pictures;
	private readonly sent;
	constructor(params: Params);
	/** What a fresh session starts from. LoRAs follow: one that is gone by now is no reason to end it all. */
	get opening(): Params;
	get full(): boolean;
	/** Whether the server has, or will have, a picture of this name. */
	has(name: string): boolean;
	set(params: Params): void;
	put(inputs: Record<string, Source>, pen: number | null): void;
	take(): Load;
	/** Return what could not go; newer values keep their place. */
	putBack(load: Load): void;
	dropPictures(): void;
	/** Keep the newest encoded pictures, to send them again after a break. */
	keep(pictures: Record<string, Uint8Array>): void;
	/** Return the id of the message that carries these, or null if there is nothing to say. */
	next(pictures: Record<string, Uint8Array>, params: Params): number | null;
	nextId(): number;
	/** Return the id of a change of the model, which no frame answers where it is refused. */
	nextSwitch(): number;
	/** Start on a new connection: say again what the server does not have. */
	opened(lastId: number, inForce: Params): void;
	/** These are the LoRAs that are left: ask for no other any more, also where a fresh session starts. */
	keepLoras(names: readonly string[]): void;
	/**
	 * Go on with another model, in the place of that of before: pictures stay by its names, under those
	 * that came along, and of what was wanted what is in force. What was not said yet is said to it.
	 */
	switched({ id, model, params: inForce }: Switched, before: ModelInfo | null, { params, inputs }: Change): void;
	acked(id: number): void;
	/**
	 * The server refused a message: find out which of its params is bad, go back to what is in force,
	 * and send the pictures that came along again. Return the bad one, once it is found.
	 */
	refused(id: number, code: string): Params;
}
export interface UplinkParts {
	link: Pick<Link, "state" | "send" | "retry">;
	outbox: Outbox;
	pacing: Pacing;
	refining: Refining;
	switching: Switching;
	encoder: Encoder;
	platform: Platform;
}
export interface UplinkEvents {
	went(): void;
	error(error: LivedraftError): void;
}
declare class Uplink {
	private readonly parts;
	private readonly events;
	private model;
	private connection;
	private paused;
	private encoding;
	private scheduled;
	private timer;
	private heldSince;
	constructor(parts: UplinkParts, events: UplinkEvents);
	/** Whether all that was asked for went to the server. */
	get allSent(): boolean;
	/** Whether a new picture would go at once. */
	get ready(): boolean;
	/** Begin on a new connection, or with another model. */
	opened(model: ModelInfo): void;
	pause(): void;
	resume(): void;
	close(): void;
	/** Send what is there with the next frame. */
	schedule(): void;
	private flush;
	private flushAfter;
	private upload;
	private sendRefine;
	/** Ask for another model; what else is to go waits for the answer, and is then made for that one. */
	private sendSwitch;
	private target;
}
declare abstract class Finishing extends Emitter<SessionEvents> {
	abstract state: State;
	protected abstract readonly link: Link;
	protected abstract readonly refining: Refining;
	protected abstract readonly uplink: Uplink;
	/** The model that makes the final pictures from the next `refine` on; empty: the one that drafts. */
	get refineModel(): string;
	set refineModel(model: string);
	/**
	 * Ask for the final picture of what stands; rejects with `superseded` if anything newer goes, and at once with
	 * `invalid_params` where the model makes films, see `film`.
	 */
	refine(params?: Params): Promise<Frame>;
	/**
	 * Ask for the final film of what stands, as a file, in a session that is connected with `films`; rejects as `refine`
	 * does, and at once with `invalid_params` where the model makes pictures.
	 */
	film(params?: Params): Promise<Film>;
	/** Ask for the final picture or film of what stands, whichever the model makes. */
	finish(params?: Params): Promise<Final>;
	private ask;
}
/** Pieces of sound and of moving pictures, as they travel, and the clock that they are timed by. */
/** What a `media` message carries; times are whole µs on the sender's media clock. */
export interface Piece {
	pts: number;
	duration: number;
	codec: string;
	key: boolean;
	data: Uint8Array;
	rate?: number;
	channels?: number;
}
/** What the flow needs of the session. */
export interface Line {
	send(message: ClientMessage): boolean;
	/** Bytes that the socket holds back. */
	held(): number;
	/** Go on over a new connection on which these codecs are agreed on. */
	prefer(codecs: string[]): void;
	nextId(): number;
	now(): number;
	/** The tracks beside the messages, over WebRTC. */
	rtp(): Rtp | null;
	/** Go by WebRTC, where that is wanted and can be had. */
	raise(): void;
}
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
interface Flight$1 {
	track: string;
	capturedAt: number;
	sentAt: number;
}
declare class MediaFlow {
	private readonly line;
	private readonly judged;
	/** The ways in and out of the session that is open; empty until one is. */
	tracks: readonly Track[];
	private readonly flights;
	private readonly asked;
	private connection;
	private readonly cameBy;
	private samples;
	private load;
	private answeredAt;
	private paceMs;
	private sent;
	private left;
	private readonly meter;
	private measured;
	private assessedAt;
	private came;
	private seen;
	/** `judged` hears a verdict that is another one. */
	constructor(line: Line, judged?: (verdict: Quality) => void);
	/** Begin with other tracks: of another model, or on a new connection, which has its own count. */
	opened(tracks: readonly Track[], anew?: boolean): void;
	/** Tracks beside the messages; null over the WebSocket. */
	get rtp(): Rtp | null;
	/** Return the first track of this kind into the model or out of it. */
	track(way: Track["way"], kind: Track["kind"]): Track | null;
	/**
	 * Whether the line takes another picture. What it cannot carry is left out here, where that is
	 * known first: in a socket's buffers it would only grow old.
	 */
	get room(): boolean;
	/** Whether the line has carried less than was to go for a second or more. */
	get crowded(): boolean;
	/** Go on over a new connection on which these codecs are agreed on. */
	prefer(codecs: string[]): void;
	/** Send a piece that was captured at `capturedAt` (ms); tell whether it went. */
	send(track: string, piece: Piece, capturedAt: number): boolean;
	/** Take what a piece of the server answers: the newest of our pictures in it. */
	answered(message: MediaMessage): Flight$1 | null;
	/** Ask for a key frame on a track that comes down; not again before it can have come. */
	askKey(track: string): void;
	/** Confirm a piece that was shown, played or thrown away. */
	confirm(message: MediaMessage): void;
	/** Note that a piece was shown just now, in answer to a picture of ours. */
	shown(message: MediaMessage, flight: Flight$1 | null): void;
	/** Return about when what WebRTC shows at `now` was captured, ms. */
	bornAt(now: number): number;
	stats(): MediaStats;
	/** Judge how it goes, by what came and was shown since the last time. */
	private assess;
}
type Text$1 = string | Iterable<string> | AsyncIterable<string>;
export declare class LiveSession extends Finishing {
	private readonly platform;
	model: ModelInfo | null;
	state: State;
	/** Whether the open session can change its model, by `switch`. */
	switches: boolean;
	/** What it goes by now. */
	transport: Via;
	/** Sound and moving pictures, of a session that was opened with `codecs`. */
	readonly media: MediaFlow;
	protected readonly link: Link;
	private readonly outbox;
	private readonly pacing;
	protected readonly refining: Refining;
	private readonly switching;
	private readonly showing;
	private readonly talk;
	protected readonly uplink: Uplink;
	constructor(options: Omit<LinkOptions, "params"> & {
		params: Params;
		inputs: Record<string, Source>;
	}, encoder: Encoder, platform: Platform);
	/** The params that this side asked for. */
	get params(): Params;
	/** The id of the newest message that a frame answers, or will. */
	get lastId(): number;
	/** Whether all that was asked for went to the server. */
	get allSent(): boolean;
	/** Whether a new picture would go at once: a source of many need not make one before. */
	get ready(): boolean;
	/** Change params; keys merge, the last value of each wins. */
	set(params: Params): void;
	/** Hand over new pictures; `at` is the `timeStamp` of the pointer event that changed them. */
	send(inputs: Record<string, Source>, at?: number | null): void;
	/**
	 * Go on with another model, in the place that this session has; `params` are its own. Pictures stay as
	 * small as they went: `inputs` are anew, encoded as that model reads them. Resolves after the event
	 * `switched`; rejects where it is refused (`server_busy`, `model_not_found`, …): nothing has changed.
	 */
	switch(model: string, params?: Params, inputs?: Record<string, Uint8Array>): Promise<Switched>;
	/** Have the model say a text, or its pieces as they come; resolves when all went or was taken back. */
	speak(text: Text$1): Promise<void>;
	/** Take back all sound and text, and throw away what came of it, what is being played, too. */
	interrupt(): void;
	/** Whether an output is wanted: it is no other model's, and answers nothing that was taken back. */
	wants(output: {
		id: number;
	}): boolean;
	/** Give up what waits and any refine that runs. */
	cancel(): void;
	/** Stop sending, while nobody sees the result. */
	pause(): void;
	resume(): void;
	/** Connect now instead of at the end of the waiting time. */
	retry(): void;
	close(): void;
	private opened;
	/** Go on with another model; nothing of before is answered any more. */
	private switched;
	private receive;
	/** Whether a frame answers what is sent: the server has the pictures that it needs to draft. */
	private get drafts();
	private relearned;
	private failed;
	private frame;
	/** A picture is there; tell whether its bitmap is kept. */
	private show;
	private filmed;
	private update;
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
export type Tool = "pen" | "eraser" | "mask" | "unmask";
/** One drawing, as `<livedraft-sketch>` takes it. */
export interface Example {
	name: string;
	prompt: string;
	style?: string;
	strokes: unknown;
}
export interface Way {
	works: boolean;
	ms: number;
	why: string;
}
export interface Connectivity {
	websocket: Way;
	/** `route`: how its packets go; `roundTripMs`: of the network. */
	webrtc: Way & {
		route: Route;
		roundTripMs: number;
	};
	message: string;
}
export interface ConnectOptions {
	/** The server: `/` (default), `http://host:port`, or the full `ws://` address. */
	url?: string;
	/** A name of `GET /v1/models`; the server's default if left out. */
	model?: string;
	params?: Params;
	/** The shared secret, or what gives it at each connection. */
	token?: Token;
	inputs?: Record<string, Source>;
	/** Picture types for the answers, best first; any if left out. */
	accept?: string[];
	/** The model that makes the final pictures; that of the drafts if left out. */
	refineModel?: string;
	/** Codecs of sound and moving pictures that this side plays, best first; none: pictures alone. */
	codecs?: string[];
	/** Whether to hear of LoRAs that come and go while the session is open, by the event `loras`. */
	loras?: boolean;
	/** Whether to hear how far models are that the session waits for, by the event `loading`. */
	loading?: boolean;
	/** Whether to begin before models but `model` are there; `loading` tells of those, also once it is open. */
	arrivals?: boolean;
	/** Whether to ask for films, by `film`, and to hear how far what is final is, by the event `progress`. */
	films?: boolean;
	/** Whether to change the model while the session is open, by `switch`. */
	models?: boolean;
	/** What the session goes by; the WebSocket, if left out. */
	transport?: Transport;
}
/** Open a live session. It connects in the background and comes back after a break by itself. */
export declare function connect(options?: ConnectOptions): LiveSession;
/** Tell before a session whether a server can be reached by WebSocket and by WebRTC; it takes no place there. */
export declare function checkConnectivity(url?: string, token?: Token): Promise<Connectivity>;
export type Recipe = Record<string, unknown>;
/** What made a picture: a model alone, or a model within somebody's photograph. */
export type Making = "trainedAlgorithmicMedia" | "compositeWithTrainedAlgorithmicMedia";
/** Return the PNG with this recipe and the mark, in place of any that it had; without the drawing if that is too long. */
export declare function writeRecipe(png: Uint8Array, recipe: Recipe, making?: Making | null): Uint8Array<ArrayBuffer>;
/** Return the recipe that a PNG carries; null for any other file, or where there is none. */
export declare function readRecipe(file: Uint8Array): Recipe | null;
export interface Brush {
	tool: Tool;
	colour: string;
	size: number;
}
/** A stroke as it is written. */
export interface StrokeJson {
	points: number[][];
	colour?: string;
	size?: number;
	tool?: Tool;
}
/** A picture, the drawing under it, and the params of both. */
export interface Snapshot {
	image: Blob | null;
	sketch: Blob;
	mask: Blob | null;
	params: Params;
	model: string;
	film?: File;
}
/** The final picture, as it is handed over; without one only where a film has none before it. */
export interface Submitted extends Snapshot {
	id: number;
	seed: number | null;
}
/** `pending`: not read yet, or about to be written; `refused`: by the browser, so it ends with the page. */
export type KeepingState = "pending" | "kept" | "refused";
/** What an element tells of its pictures. */
export interface PictureDiagnostics {
	sent: number;
	masked: boolean;
	settled: boolean;
	stats: Stats | null;
	picture: ShownPicture | null;
}
/** What there is to tell of the drawing. */
export interface DrawingDiagnostics {
	operations: number;
	drawing: boolean;
	kept: KeepingState;
}
/** The detail of the event `diagnostics`, and the property of that name. */
export interface Diagnostics extends SessionDiagnostics, PictureDiagnostics, DrawingDiagnostics {
}
declare class LivedraftSketch extends LiveElement {
	#private;
	static readonly formAssociated = true;
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
		"examples",
		"layout",
		"refine-when",
		"locked",
		"refine-model",
		"state-key",
		"name",
		"required",
		"disabled"
	];
	static readonly events: ("input" | "frame" | "error" | "change" | "submit" | "diagnostics" | "ready" | "clear" | "stroke")[];
	private static warned;
	private readonly field;
	private readonly internals;
	private readonly resize;
	private readonly leave;
	private drawings;
	private finisher;
	constructor();
	protected begin(): void;
	protected end(): void;
	protected seen(visible: boolean): void;
	protected connectTo(connection: Connection): void;
	protected attributeChanged(name: string, value: string | null): void;
	formAssociatedCallback(form: HTMLFormElement | null): void;
	formDisabledCallback(disabled: boolean): void;
	formResetCallback(): void;
	get form(): HTMLFormElement | null;
	get validity(): ValidityState;
	get validationMessage(): string;
	get willValidate(): boolean;
	checkValidity(): boolean;
	reportValidity(): boolean;
	/** The focus goes to the paper, where a label or a message about the element sends it. */
	focus(options?: FocusOptions): void;
	/** What the element shows: params, and which picture. `snapshot()` gives the pictures. */
	get value(): {
		params: Params;
		empty: boolean;
		frame: {
			id: number;
			seed: number | null;
			stage: string;
			model: string;
		} | null;
	};
	/** The connection, how fast pictures come, and the drawing; each change of the session is an event `diagnostics`. */
	get diagnostics(): Diagnostics;
	/** The picture that is shown (PNG with its recipe), the drawing (PNG), and the params. */
	snapshot(): Promise<Snapshot>;
	/** Put a picture on the paper; one with a recipe brings back params and drawing. */
	load(source: Blob | string): Promise<void>;
	/** Lay a mask over the picture, in place of any before: white, where it is painted anew; null takes it away. */
	loadMask(source: Blob | string | null): Promise<void>;
	/** Mask what is not masked, and nothing else. */
	invertMask(): void;
	/** Make the final picture; resolves with it after the `submit` event. */
	refine(): Promise<Snapshot>;
	/** The drawings to begin with. */
	get examples(): readonly Example[];
	set examples(examples: readonly Example[] | string);
	/** Begin with one of the examples at random, under a new seed. */
	surprise(): void;
	/** What the pen draws with; setting changes what is given of it, and throws `invalid_drawing`. */
	get brush(): Brush;
	set brush(change: Partial<Brush>);
	/** Draw strokes as by hand, given as in examples and recipes; throws `invalid_drawing`. */
	draw(strokes: readonly StrokeJson[]): void;
	clear(): void;
	undo(): void;
	redo(): void;
	/** The page has another model make the final pictures, whatever the user chose before. */
	private finish;
	private keep;
	/** Take examples as JSON, or from the address of such a file. */
	private loadExamples;
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
/** A picture without its pixels: `snapshot()` gives them. */
export type FrameDetail = Omit<Frame, "image" | "mime" | "seq" | "bitmap">;
export type SubmitDetail = Submitted;
export interface SketchEvents extends ElementEvents {
	/** A stroke ended. */
	stroke: ParamsDetail;
	/** A picture is shown, each draft on the way, too. */
	frame: FrameDetail;
	/** The picture of what was done is shown: once for a stroke, an undo, a param, a refine. */
	change: FrameDetail;
	/** The final picture is there. */
	submit: SubmitDetail;
	/** The drawing was cleared. */
	clear: ParamsDetail;
	diagnostics: Diagnostics;
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
declare const LivedraftSketch$1: typeof LivedraftSketch;
type LivedraftSketch$1 = LivedraftSketch;
declare global {
	interface HTMLElementTagNameMap {
		"livedraft-sketch": LivedraftSketch;
	}
}

export {
	LivedraftSketch$1 as LivedraftSketch,
};

export {};

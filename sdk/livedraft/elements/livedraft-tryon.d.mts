// livedraft, Apache-2.0. Types of the module beside this file, built from sdk/js; do not edit.
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
/** The server and the models on it, as an element's tag says them. */
export interface Connection {
	url: string;
	model: string;
	token: string;
	refineModel?: string;
}
/** The messages of protocol version 1, and what they describe. */
export type Params = Record<string, unknown>;
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
/** `asking`: the browser asks the user; `failed`: it gave nothing, or what it gave went away. */
export type SourceState = "idle" | "asking" | "live" | "stopped" | "failed";
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
		readonly label: "Virtual try-on";
		readonly title: "See it on yourself";
		readonly hint: "A photo of you from the front, from head to hips, with your arms a little away from your sides.";
		readonly choose: "Choose a photo";
		readonly shoot: "Take a photo";
		readonly mirror: "Use the camera as a mirror";
		readonly drop: "You can drop or paste one here, too.";
		readonly release: "Let go to use this photo";
		readonly yours: "Your photo";
		readonly worn: "Your photo with {garment}";
		readonly another: "Another photo";
	};
	readonly doing: {
		readonly reading: "Reading your photo \u2026";
		readonly choosing: "Now choose something to wear.";
		readonly dressing: "Putting it on \u2026";
		readonly finishing: "Finishing it at full size \u2026";
		readonly cancel: "Cancel";
		readonly shown: "You are wearing {garment} now.";
		readonly finished: "The finished picture is there.";
		readonly saved: "The picture was saved.";
		readonly shrunk: "Your photo is very large. It is used at {width} \u00D7 {height} pixels.";
	};
	readonly view: {
		readonly label: "View";
		readonly picture: "Picture";
		readonly compare: "Compare";
		readonly beside: "Side by side";
		readonly mask: "What changes";
		readonly before: "Before";
		readonly after: "After";
		readonly slider: "Before and after";
		readonly part: "{percent} % of the picture before";
	};
	readonly adjust: {
		readonly label: "Adjust";
		readonly fit: "Fit";
		readonly slim: "slim";
		readonly loose: "loose";
		readonly sleeves: "Sleeves";
		readonly category: "Kind";
		readonly auto: "As it is";
		readonly none: "None";
		readonly short: "Short";
		readonly long: "Long";
		readonly upper: "Top";
		readonly lower: "Trousers or skirt";
		readonly dress: "Dress";
		readonly done: "Done";
		readonly undo: "Undo";
	};
	readonly brush: {
		readonly label: "Paint what may change";
		readonly hint: "Paint over what the garment may cover. Arrow keys move the brush, Space paints.";
		readonly surface: "Your photo, to paint on";
		readonly add: "May change";
		readonly erase: "Must stay";
		readonly size: "Size";
		readonly automatic: "Automatic again";
	};
	readonly points: {
		readonly label: "Move the garment's points";
		readonly hint: "Drag each point to where it belongs on the garment. Arrow keys move the chosen one.";
		readonly body: "Move your body's points";
		readonly bodyHint: "Drag each point to where it belongs on you. Arrow keys move the chosen one.";
		readonly point: "{name}: {x} % from the left, {y} % from the top";
		readonly none: "There are no points yet: wear a garment first.";
	};
	readonly people: {
		readonly label: "Who wears it?";
		readonly person: "Person {number} of {count}, from the left";
	};
	readonly camera: {
		readonly asking: "The browser asks whether this page may use the camera.";
		readonly live: "You, as in a mirror";
		readonly still: "Take the photo";
		readonly counting: "{seconds}";
		readonly mirror: "Mirror";
		readonly stop: "Stop the camera";
	};
	readonly actions: {
		readonly finish: "Finish the picture";
		readonly finishHint: "Make it again at full size";
		readonly label: "Finish and save";
		readonly download: "Save as {type}";
		readonly forget: "Forget me";
		readonly forgotten: "Your photo is gone, here and on the server.";
		readonly retry: "Try again";
		readonly dismiss: "Dismiss";
	};
	readonly state: {
		readonly connecting: "Connecting";
		readonly queued: "Waiting for a place";
		readonly place: "Place {position} in the queue";
		readonly open: "Ready";
		readonly generating: "Working";
		readonly idle: "Paused, goes on with your next choice";
		readonly reconnecting: "Reconnecting";
		readonly closed: "Not connected";
	};
	readonly notes: {
		readonly no_person: "Nobody can be seen in this photo. Use one that shows you upright and from near, from head to hips.";
		readonly several_people: "There are several people in this photo. Choose who wears it.";
		readonly back_view: "This photo shows you from behind. Use one from the front.";
		readonly side_view: "You are turned to the side, or cut off by the edge. Use a photo from the front that shows both shoulders.";
		readonly person_small: "You are small in this photo. Use one taken from nearer, or crop it.";
		readonly too_dark: "This photo is very dark, so edges may be off. Use one taken in better light.";
		readonly legs_unseen: "Your legs are not in this photo, so nothing is put on them. Use one that shows you from head to feet.";
		readonly arm_unseen: "An arm cannot be seen, so its sleeve is a guess. Move the points of your body, or use another photo.";
		readonly sleeves_removed: "Your own sleeves are longer. The arms under them are painted in the tone of your skin. Choose other sleeves if you like.";
		readonly hands_over_clothes: "Your hands are in front of your clothes. Use a photo with your arms at your sides.";
		readonly garment_unclear: "The outline of the garment is a guess. Move its points to where they belong.";
		readonly clothes_unseen: "What you wear cannot be told from the background. Paint by hand what may change.";
	};
	readonly catalogue: {
		readonly label: "Garments";
		readonly search: "Search garments";
		readonly clear: "Clear the search";
		readonly all: "All";
		readonly upper: "Tops";
		readonly lower: "Trousers and skirts";
		readonly dress: "Dresses";
		readonly found: "Garments found: {count}";
		readonly nothing: "Nothing is called \u201C{text}\u201D here. Try another word.";
		readonly empty: "This shop shows no garments here yet.";
		readonly broken: "No picture. Press to load it again.";
		readonly previous: "Garments before";
		readonly next: "More garments";
	};
	readonly cart: {
		readonly label: "What you are wearing";
		readonly add: "Add to cart";
		readonly addNamed: "Add {garment} to the cart";
		readonly added: "Added";
		readonly addedNamed: "{garment} was added to the cart.";
		readonly details: "Details";
		readonly detailsNamed: "Details of {garment}";
		readonly remove: "Take off {garment}";
	};
	readonly notice: {
		readonly title: "Before you show yourself";
		readonly text: "Your picture is used to show you the garment on yourself, and for nothing else. It is kept in memory only, never saved, and is gone when you press \u201C{forget}\u201D or leave this page.";
		readonly here: "It stays on this device.";
		readonly shop: "It is sent to {host}, the server of this shop, and nowhere else.";
		readonly elsewhere: "It is sent to {host}, and nowhere else.";
		readonly agree: "Understood, go on";
		readonly cancel: "Not now";
	};
	readonly limit: {
		readonly reached: "You have tried on as much as this shop offers at a time.";
		readonly wait: "The next one is free in {time}.";
		readonly over: "Come back another time.";
		readonly free: "You can try on the next garment now.";
	};
	readonly errors: {
		readonly connect_failed: "The shop's try-on does not answer at the moment. Try again in a moment.";
		readonly connection_lost: "The connection broke. Try again.";
		readonly server_busy: "Many people are trying things on right now. Try again in a moment.";
		readonly session_closed: "The session has ended. Try again to go on.";
		readonly session_unknown: "The session has ended. Try again to go on.";
		readonly timed_out: "That took too long. Try again.";
		readonly unauthorized: "This page may not use the shop's try-on. Tell the shop.";
		readonly model_not_found: "The shop has no try-on here. Tell the shop.";
		readonly model_failed: "That did not work. Try another photo or another garment.";
		readonly out_of_memory: "The server is full at the moment. Try again in a moment.";
		readonly invalid_image: "This picture cannot be used. Choose a photo as PNG, JPEG or WebP.";
		readonly too_large: "This picture is too large. Use one of at most {megapixels} megapixels and {megabytes} MB.";
		readonly garment: "The picture of this garment cannot be used: {message}";
		readonly damaged: "This picture is damaged. Choose another one.";
		readonly invalid_params: "This setting is not possible here. Choose another one.";
		readonly media_denied: "This page may not use the camera. Allow it in the browser's address bar, or choose a photo.";
		readonly media_missing: "No camera was found. Connect one, or choose a photo.";
		readonly media_busy: "The camera does not start: another program may be using it. Close that, or choose a photo.";
		readonly media_insecure: "The browser gives the camera to secure pages alone. Choose a photo instead.";
		readonly media_unsupported: "This browser gives pages no camera. Choose a photo instead.";
		readonly media_failed: "The camera failed. Try again, or choose a photo.";
		readonly media_ended: "The camera was taken away. Connect it again, or choose a photo.";
		readonly other: "Something went wrong: {message}";
	};
};
/** A table has the keys of the English one. In a text, `{name}` stands for what is known when it is shown. */
export type Words = Widened<typeof en>;
/** What a page says instead: any part of a table. */
export type Wording = WordingOf<Words>;
declare const VIEWS: readonly [
	"picture",
	"compare",
	"beside",
	"mask"
];
export type View = (typeof VIEWS)[number];
/** The detail of the event `diagnostics`, and the property of that name; nothing of it shows anybody. */
export interface TryonDiagnostics extends SessionDiagnostics {
	camera: SourceState;
	view: View;
	photo: [
		width: number,
		height: number
	] | null;
	worn: string[];
	busy: boolean;
	frames: number;
}
declare const CATEGORIES: readonly [
	"auto",
	"upper",
	"lower",
	"dress"
];
/** What it is: a top, trousers or a skirt, a dress; `auto` leaves it to the model. */
export type Category = (typeof CATEGORIES)[number];
/** A garment as a page gives it. */
export interface GarmentJson {
	sku: string;
	image: string;
	title?: string;
	category?: Category;
	url?: string;
	price?: string | number;
}
/** A garment with nothing left open. */
export interface Garment {
	readonly sku: string;
	readonly image: string;
	readonly title: string;
	readonly category: Category;
	readonly url: string;
	readonly price: string;
}
declare class LivedraftTryon extends LiveElement {
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
		"garments",
		"sku",
		"person",
		"lang",
		"mirror",
		"transport",
		"notice",
		"notice-reason",
		"limit",
		"cart"
	];
	static readonly events: ("input" | "error" | "diagnostics" | "ready" | "tryon-start" | "tryon-shown" | "tryon-failed" | "add-to-cart")[];
	private offered;
	private wording;
	constructor();
	protected begin(): void;
	protected end(): void;
	protected emitError(error: LivedraftError): void;
	protected connectTo(connection: Connection): void;
	protected attributeChanged(name: string, value: string | null): void;
	/** What the shop offers; throws `garments_invalid`. */
	get garments(): readonly Garment[];
	set garments(garments: readonly GarmentJson[] | string);
	/** Texts of the page's own, in place of the element's. */
	get words(): Wording;
	set words(words: Wording);
	/**
	 * Put on garments by their SKUs, singly or in a list: one, or a top with something below it; none takes
	 * all off. Throws `garment_unknown` or `outfit_invalid`.
	 */
	wear(...skus: (string | readonly string[])[]): void;
	/** Take a photo of the customer's, as if it were chosen. */
	open(photo: Blob): Promise<void>;
	/** Start the camera; where it is on, count down and take the photo. */
	takePhoto(): void;
	/** End the session and let go of the photo, the camera and all that was made of them. */
	forget(): void;
	/** The connection and what is on show; each change is an event `diagnostics`. */
	get diagnostics(): TryonDiagnostics;
	private offer;
	/** Wear what the attribute `sku` names, once that is offered. */
	private wearAttribute;
	private show;
	private speak;
	/** Do what an attribute asks for; an attribute cannot throw, so that it is told. */
	private attempt;
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
/** Which garments it is about; `sku` is the first of `skus`. */
export interface TryOnDetail {
	sku: string;
	skus: string[];
}
export interface ShownDetail extends TryOnDetail {
	ms: number;
}
export interface FailedDetail extends TryOnDetail {
	code: string;
	message: string;
	fix: string;
}
export interface CartDetail {
	sku: string;
	title: string;
	category: Category;
	price: string;
	url: string;
}
/** The events that a shop listens to, and their details; all of them bubble out of shadow trees. */
export interface ShopEvents {
	/** An outfit goes to the model. */
	"tryon-start": TryOnDetail;
	/** A picture of it is on show. */
	"tryon-shown": ShownDetail;
	/** It could not be tried on. */
	"tryon-failed": FailedDetail;
	/** The customer wants it; `preventDefault()` where the page says so itself. */
	"add-to-cart": CartDetail;
}
export interface TryonEvents extends ElementEvents, ShopEvents {
	diagnostics: TryonDiagnostics;
}
export interface WatchTimes {
	awayMs: number;
	stillMs: number;
}
export interface PresenceOptions extends Partial<WatchTimes> {
	everyMs?: number;
	camera?: () => Promise<MediaStream>;
	/** Have the last word on whether what came is a person, such as a server's model `pose`. */
	confirm?: (seen: HTMLCanvasElement) => Promise<boolean>;
}
/** Events: `arrive` and `leave`; `failed`, with the reason as its detail, where there is no camera any more. */
export declare class Presence extends EventTarget {
	private readonly options;
	private readonly watch;
	private readonly video;
	private readonly seen;
	private readonly everyMs;
	private stream;
	private timer;
	private here;
	private turn;
	constructor(options?: PresenceOptions);
	/** Ask for the camera and look, until `stop`. */
	start(): Promise<void>;
	/** Let go of the camera; nobody is there any more. */
	stop(): void;
	private look;
	private tell;
	/** Ask for the last word; where it cannot be had, what moved counts. */
	private confirmed;
	private failed;
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
declare const LivedraftTryon$1: typeof LivedraftTryon;
type LivedraftTryon$1 = LivedraftTryon;
declare global {
	interface HTMLElementTagNameMap {
		"livedraft-tryon": LivedraftTryon;
	}
}

export {
	LivedraftTryon$1 as LivedraftTryon,
};

export {};

/** The one error class; `code`, `retryable` and `fix` are those of docs/reference/errors.md. */

export interface ErrorFields {
  code: string;
  message: string;
  retryable?: boolean;
  fix?: string;
  id?: number | null; // of the message that it answers
}

export class LivedraftError extends Error {
  override readonly name = "LivedraftError";
  readonly code: string;
  readonly retryable: boolean;
  readonly fix: string;
  readonly id: number | null;

  constructor(fields: ErrorFields) {
    super(fields.message);
    this.code = fields.code;
    this.retryable = fields.retryable ?? false;
    this.fix = fields.fix ?? "";
    this.id = fields.id ?? null;
  }
}

export function sessionClosed(): LivedraftError {
  return new LivedraftError({ code: "session_closed", message: "the session is closed", fix: "connect again" });
}

export function badMessage(message: string): LivedraftError {
  return new LivedraftError({
    code: "bad_message",
    message,
    fix: "use a client of the server's version",
  });
}

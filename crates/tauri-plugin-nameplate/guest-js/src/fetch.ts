// Requests that Rust sends with the token of an account. The page never gets the token.
import { Channel, invoke } from "@tauri-apps/api/core";
import type { Problem } from "./bindings/Problem.js";
import type { Refusal } from "./bindings/Refusal.js";
import type { RefusalCode } from "./bindings/RefusalCode.js";
import { PLUGIN } from "./commands.js";

export class FetchError extends Error {
  override readonly name = "FetchError";
  readonly code: RefusalCode;
  /** What to tell the user, where the account has no valid token for this request. */
  readonly problem: Problem | null;

  constructor({ code, message, problem }: Refusal) {
    super(message);
    this.code = code;
    this.problem = problem ?? null;
  }
}

export interface FetchOptions extends Pick<RequestInit, "method" | "headers" | "body" | "signal"> {
  /** The response comes before its body, which is a stream. */
  stream?: boolean;
}

interface ResponseHead {
  status: number;
  status_text: string;
  headers: [string, string][];
  url: string;
}

type Message = ArrayBuffer | number[] | { done: null } | { refused: Refusal };

let lastId = 0;

/**
 * As `fetch` of the web, with the access token of `account`. Only the origins and paths that the
 * app's Rust code names are allowed, and no redirect is followed.
 *
 * Throws a `FetchError` if the request is refused, and the reason of `signal` if that aborts it.
 */
export async function fetch(account: string, url: string | URL, options: FetchOptions = {}): Promise<Response> {
  const { signal, stream = false } = options;
  signal?.throwIfAborted();
  // Of the web: it reads methods, headers and every kind of body. Nothing is sent by it.
  const request = new Request("http://localhost/", withoutSignal(options));
  const body = new Uint8Array(await request.arrayBuffer());
  signal?.throwIfAborted();
  const id = (lastId = (lastId + 1) % 2 ** 32);
  const cancel = () => void invoke(`${PLUGIN}fetch_cancel`, { id }).catch(() => {});
  const head = { id, account, url: String(url), method: request.method, headers: [...request.headers] };
  signal?.addEventListener("abort", cancel);
  const finished = () => signal?.removeEventListener("abort", cancel);
  try {
    if (stream) return await streamed(head, body, cancel, finished);
    const [answer, content] = read(await invoke<ArrayBuffer | number[]>(`${PLUGIN}fetch`, write(head, body)));
    finished();
    return responseOf(answer, content as Uint8Array<ArrayBuffer>);
  } catch (refused) {
    finished();
    signal?.throwIfAborted();
    throw isRefusal(refused) ? new FetchError(refused) : refused;
  }
}

async function streamed(head: object, body: Uint8Array, cancel: () => void, finished: () => void): Promise<Response> {
  const channel = new Channel<Message>();
  const content = new ReadableStream<Uint8Array>({
    start(controller) {
      channel.onmessage = (message) => {
        if (message instanceof ArrayBuffer || Array.isArray(message)) {
          controller.enqueue(new Uint8Array(message));
          return;
        }
        channel.onmessage = () => {};
        finished();
        if ("refused" in message) controller.error(new FetchError(message.refused));
        else controller.close();
      };
    },
    cancel() {
      channel.onmessage = () => {};
      finished();
      cancel();
    },
  });
  const message = write({ ...head, channel: channel.toJSON() }, body);
  const [answer] = read(await invoke<ArrayBuffer | number[]>(`${PLUGIN}fetch_stream`, message));
  return responseOf(answer, content);
}

function withoutSignal({ method, headers, body }: FetchOptions): RequestInit {
  const init: RequestInit & { duplex?: "half" } = {};
  if (method !== undefined) init.method = method;
  if (headers !== undefined) init.headers = headers;
  if (body !== undefined) init.body = body;
  if (body instanceof ReadableStream) init.duplex = "half";
  return init;
}

/** The web's `Response` allows these statuses no body. */
const WITHOUT_BODY = [101, 103, 204, 205, 304];

function responseOf(head: ResponseHead, body: BodyInit): Response {
  const { status, status_text: statusText, headers } = head;
  const response = new Response(WITHOUT_BODY.includes(status) ? null : body, { status, statusText, headers });
  Object.defineProperty(response, "url", { value: head.url });
  return response;
}

const isRefusal = (value: unknown): value is Refusal =>
  typeof value === "object" && value !== null && "code" in value && "message" in value;

/** Length of the head, head as JSON, body. */
export function write(head: object, body: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(head));
  const message = new Uint8Array(4 + text.length + body.length);
  new DataView(message.buffer).setUint32(0, text.length);
  message.set(text, 4);
  message.set(body, 4 + text.length);
  return message;
}

export function read(message: ArrayBuffer | number[]): [ResponseHead, Uint8Array] {
  const bytes = new Uint8Array(message);
  const end = 4 + new DataView(bytes.buffer).getUint32(0);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, end))) as ResponseHead;
  return [head, bytes.subarray(end)];
}

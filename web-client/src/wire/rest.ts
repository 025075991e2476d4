import { ApiError, readProblem } from "./problem";
import { sessionGate } from "./sessionGate";
import type { Operation } from "./generated";
import type { Audience } from "./types";

type Method = Operation["method"];
type Params = Record<string, string | number | undefined>;
interface Options {
  signal?: AbortSignal | undefined;
  params?: Params;
  /** One per thing a person does: a repeat with the same key does it only once. */
  key?: string;
}

const RETRY_AFTER_MS = [400, 1200, 3000];
const TIMEOUT_MS = 15_000;

/** `randomUUID` wants a secure context; a phone on the home network may not have one. */
export function newKey(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function audienceOf(path: string): Audience | null {
  if (path.startsWith("/api/v1/patient/")) return "patient";
  return path.startsWith("/api/v1/staff/") ? "staff" : null;
}

function address(path: string, params: Options["params"]): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(params ?? {})) {
    if (value !== undefined) query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

async function once(method: Method, url: string, init: RequestInit): Promise<Response> {
  const limit = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  try {
    return await fetch(url, { ...init, method, signal, credentials: "same-origin" });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError({ status: 0, code: "network.down" });
  }
}

/** Nobody answered, or the server asked for a moment: the same request may go again. */
async function withRetries(method: Method, url: string, init: RequestInit): Promise<Response> {
  for (let attempt = 0; ; attempt += 1) {
    const pause = RETRY_AFTER_MS[attempt];
    try {
      const response = await once(method, url, init);
      if (response.ok || pause === undefined) return response;
      if (response.status !== 502 && response.status !== 503 && response.status !== 504) {
        return response;
      }
      const asked = Number(response.headers.get("Retry-After") ?? 0) * 1000;
      if (asked > 10_000) return response;
      await sleep(Math.max(pause, asked));
    } catch (error) {
      // While the device says that it is offline there is no use in trying at once.
      if (!(error instanceof ApiError) || pause === undefined || !navigator.onLine) throw error;
      await sleep(pause * (0.75 + Math.random() / 2));
    }
  }
}

async function request<T>(
  method: Method,
  path: string,
  body: unknown,
  options: Options,
): Promise<T> {
  const headers: Record<string, string> = { Accept: "application/json", "X-Vardrum": "1" };
  const init: RequestInit = { headers };
  if (options.signal) init.signal = options.signal;
  if (method !== "GET") headers["Idempotency-Key"] = options.key ?? newKey();
  if (body !== undefined) {
    headers["Content-Type"] = "application/json";
    init.body = JSON.stringify(body);
  }
  const audience = audienceOf(path);
  const isLogin = path.endsWith("/session") && method !== "GET";
  const url = address(path, options.params);
  for (;;) {
    const response = await withRetries(method, url, init);
    if (response.ok) {
      return (response.status === 204 ? undefined : await response.json()) as T;
    }
    const problem = await readProblem(response);
    const sessionEnded =
      problem.status === 401 && audience !== null && !isLogin && sessionGate.isAlive(audience);
    if (!sessionEnded || (await sessionGate.wait(audience)) === "given_up") throw problem;
  }
}

/** The operation that the server has under the path, whose ids are any text. */
type Find<M extends Method, P, O = Operation> = O extends { method: M; path: infer Q }
  ? [P, Q] extends [Q, P]
    ? O
    : never
  : never;
type Of<M extends Method, P> = P extends string ? Find<M, P> : never;
/** Paths that the server's document has; anything else does not compile. */
type Known<M extends Method, P> = P extends string
  ? [Find<M, P>] extends [never]
    ? never
    : P
  : never;
type Answer<M extends Method, P> = Of<M, P>["answer"];
type Body<M extends Method, P> = Of<M, P>["body"];
type Asked<M extends Method, P> = Omit<Options, "params"> & { params?: Of<M, P>["params"] };

/** Calls by the paths of the server's OpenAPI document: what they take and answer is typed by it. */
export const api = {
  get: <const P extends string>(path: P & Known<"GET", P>, options: Asked<"GET", P> = {}) =>
    request<Answer<"GET", P>>("GET", path, undefined, options),
  post: <const P extends string>(
    path: P & Known<"POST", P>,
    body: Body<"POST", P>,
    options: Asked<"POST", P> = {},
  ) => request<Answer<"POST", P>>("POST", path, body, options),
  put: <const P extends string>(
    path: P & Known<"PUT", P>,
    body: Body<"PUT", P>,
    options: Asked<"PUT", P> = {},
  ) => request<Answer<"PUT", P>>("PUT", path, body, options),
  del: <const P extends string>(path: P & Known<"DELETE", P>, options: Asked<"DELETE", P> = {}) =>
    request<Answer<"DELETE", P>>("DELETE", path, undefined, options),
};

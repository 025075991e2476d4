/** An error that the server, or the lack of one, gave us. Its words are made by the screen. */
export class ApiError extends Error {
  readonly status: number;
  /** Dotted, e.g. `queue.closed`; `network.down` when nobody answered. */
  readonly code: string;
  readonly detail: string;
  readonly field: string | null;
  readonly extra: Readonly<Record<string, unknown>>;
  readonly retryAfterMs: number | null;

  constructor(problem: {
    status: number;
    code: string;
    detail?: string;
    field?: string | null;
    extra?: Record<string, unknown>;
    retryAfterMs?: number | null;
  }) {
    super(`${problem.code} (${problem.status})`);
    this.name = "ApiError";
    this.status = problem.status;
    this.code = problem.code;
    this.detail = problem.detail ?? "";
    this.field = problem.field ?? null;
    this.extra = problem.extra ?? {};
    this.retryAfterMs = problem.retryAfterMs ?? null;
  }
}

export function isCode(error: unknown, code: string): error is ApiError {
  return error instanceof ApiError && error.code === code;
}

export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError({ status: 0, code: "client.error", detail: String(error) });
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads RFC 9457 problem JSON; anything else (a proxy's page, say) keeps its status. */
export async function readProblem(response: Response): Promise<ApiError> {
  const retryAfter = Number(response.headers.get("Retry-After") ?? Number.NaN);
  const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter * 1000 : null;
  let body: Record<string, unknown> = {};
  try {
    const parsed: unknown = await response.json();
    if (parsed !== null && typeof parsed === "object") body = parsed as Record<string, unknown>;
  } catch {
    // Not JSON: the status alone has to do.
  }
  const { type: _type, title: _title, status: _status, code, detail, field, ...extra } = body;
  return new ApiError({
    status: response.status,
    code: text(code) || `http.${response.status}`,
    detail: text(detail),
    field: text(field) || null,
    extra,
    retryAfterMs,
  });
}

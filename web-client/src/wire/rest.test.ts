import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiError } from "./problem";
import { api } from "./rest";
import { sessionGate } from "./sessionGate";

type Answer = () => Response;

const sent: { url: string; init: RequestInit }[] = [];
let answers: (Answer | "lost")[] = [];
const JOIN = { clinic_id: "c", profession: "doctor", reason: "x", channel: "video" } as const;

function problem(status: number, code: string, extra: Record<string, unknown> = {}): Answer {
  return () => new Response(JSON.stringify({ code, detail: "", ...extra }), { status });
}
const fine: Answer = () => new Response(JSON.stringify({ ok: true }), { status: 200 });

function keyOf(index: number): string {
  return (sent[index]?.init.headers as Record<string, string>)["Idempotency-Key"] ?? "";
}

beforeEach(() => {
  sent.length = 0;
  vi.useFakeTimers();
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    sent.push({ url, init });
    const answer = answers.shift() ?? fine;
    return answer === "lost" ? Promise.reject(new TypeError("lost")) : Promise.resolve(answer());
  });
});

afterEach(() => {
  sessionGate.closed("patient");
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

async function settled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  await vi.runAllTimersAsync();
  return promise;
}

it("a lost network is retried with the same key, so it happens once", async () => {
  answers = ["lost", "lost", fine];
  await settled(api.post("/api/v1/patient/queue-tickets", JOIN));
  expect(sent).toHaveLength(3);
  expect(keyOf(0)).toMatch(/^[0-9a-f-]{36}$/);
  expect([keyOf(1), keyOf(2)]).toEqual([keyOf(0), keyOf(0)]);
});

it("two calls are two actions", async () => {
  answers = [];
  await settled(
    Promise.all([
      api.post("/api/v1/staff/queue/next", {}),
      api.post("/api/v1/staff/queue/next", {}),
    ]),
  );
  expect(keyOf(0)).not.toEqual(keyOf(1));
});

it("gives up in words when nobody answers", async () => {
  answers = ["lost", "lost", "lost", "lost"];
  await expect(settled(api.get("/api/v1/clinics"))).rejects.toMatchObject({
    status: 0,
    code: "network.down",
  });
});

it("an error keeps its code and what it carries", async () => {
  answers = [problem(409, "queue.closed", { next_opening: "2026-11-23T07:00:00Z" })];
  const error = await settled(api.post("/api/v1/patient/queue-tickets", JOIN)).catch(
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(ApiError);
  expect(error).toMatchObject({
    status: 409,
    code: "queue.closed",
    extra: { next_opening: "2026-11-23T07:00:00Z" },
  });
});

it("without a session a 401 is an answer", async () => {
  answers = [problem(401, "session.required")];
  await expect(settled(api.get("/api/v1/patient/overview"))).rejects.toMatchObject({ status: 401 });
});

it("when a session ends the request waits for the login, then goes again with its key", async () => {
  sessionGate.opened("patient");
  answers = [problem(401, "session.required"), fine];
  const waiting = api.post("/api/v1/patient/queue-tickets", JOIN);
  await vi.advanceTimersByTimeAsync(50);
  expect(sessionGate.isExpired("patient")).toBe(true);
  sessionGate.settle("patient", "renewed");
  await expect(settled(waiting)).resolves.toEqual({ ok: true });
  expect(keyOf(1)).toEqual(keyOf(0));
  expect(sent[1]?.init.body).toEqual(sent[0]?.init.body);
});

it("whoever gives up gets the 401", async () => {
  sessionGate.opened("patient");
  answers = [problem(401, "session.required")];
  const waiting = api.get("/api/v1/patient/overview");
  waiting.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(50);
  sessionGate.settle("patient", "given_up");
  await expect(settled(waiting)).rejects.toMatchObject({ status: 401 });
});

it("a path that the server does not have, a wrong method or body do not compile", () => {
  const never = () => {
    // @ts-expect-error -- no such path
    void api.get("/api/v1/patient/nothing");
    // @ts-expect-error -- an id too many: it would match as text
    void api.get(`/api/v1/patient/visits/${keyOf(0)}/b`);
    // @ts-expect-error -- only read
    void api.put("/api/v1/patient/overview", {});
    // @ts-expect-error -- what it takes is something else
    void api.put("/api/v1/staff/duty", { state: "asleep" });
    // @ts-expect-error -- what it answers is something else
    const config: Promise<string> = api.get("/api/v1/config");
    void config;
  };
  expect(never).toBeTypeOf("function");
});

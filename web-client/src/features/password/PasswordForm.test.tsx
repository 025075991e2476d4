import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { loadAreas } from "../../i18n";
import { keys } from "../../wire/keys";
import { PasswordForm } from "./PasswordForm";

const answer = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const done = vi.fn();

beforeAll(async () => {
  await loadAreas("common", "help", "password");
});

beforeEach(() => {
  answer.mockReset();
  done.mockReset();
  vi.stubGlobal("fetch", answer);
});

function problem(status: number, code: string, field?: string, headers = {}): Response {
  return new Response(JSON.stringify({ status, code, field, detail: "words for developers" }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

function show(given = false): QueryClient {
  const client = new QueryClient();
  render(
    <QueryClientProvider client={client}>
      <I18nProvider i18n={i18n}>
        <PasswordForm audience="staff" given={given} onDone={done} />
      </I18nProvider>
    </QueryClientProvider>,
  );
  return client;
}

function box(label: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(label);
}

/** What a screen reader says of the field beside its name. */
function said(field: HTMLInputElement): string {
  const ids = field.getAttribute("aria-describedby")?.split(" ") ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent).join(" ");
}

function fill(current: string, wanted: string): void {
  fireEvent.change(box("Nuvarande lösenord"), { target: { value: current } });
  fireEvent.change(box("Nytt lösenord"), { target: { value: wanted } });
  fireEvent.click(screen.getByRole("button", { name: "Byt lösenord" }));
}

async function answered(response: Response): Promise<void> {
  answer.mockResolvedValue(response);
  show();
  fill("tre glada grannar", "åtta röda hus");
  await act(() => vi.waitFor(() => expect(answer).toHaveBeenCalledOnce()));
}

it("sends both, learns the session anew and is done", async () => {
  answer.mockResolvedValue(new Response(null, { status: 204 }));
  const client = show();
  client.setQueryData(keys.session("staff"), {});
  fill("tre glada grannar", "åtta röda hus");
  await act(() => vi.waitFor(() => expect(done).toHaveBeenCalledOnce()));
  const [url, init] = answer.mock.calls[0] ?? [];
  expect(url).toContain("/api/v1/staff/password");
  expect(init?.method).toBe("PUT");
  expect(init?.body).toBe('{"current":"tre glada grannar","new":"åtta röda hus"}');
  expect(client.getQueryState(keys.session("staff"))?.isInvalidated).toBe(true);
});

it.each([
  ["password.wrong", "current", "Det är inte det lösenord du har nu. Försök igen."],
  ["password.same", "new", "Det är lösenordet du redan har. Välj ett annat."],
  [
    "password.too_easy",
    "new",
    "Det lösenordet är ett av de första någon skulle gissa. Välj ett annat.",
  ],
])("says %s at its field, which is chosen", async (code, field, words) => {
  await answered(problem(422, code, field));
  const wrong = field === "current" ? box("Nuvarande lösenord") : box("Nytt lösenord");
  expect(said(wrong)).toContain(words);
  expect(document.activeElement).toBe(wrong);
  expect(done).not.toHaveBeenCalled();
});

it("says how long to wait after too many wrong ones", async () => {
  await answered(problem(429, "login.throttled", undefined, { "Retry-After": "7" }));
  expect(screen.queryByText(/Vänta 7 sekunder/)).not.toBeNull();
});

it.each([
  ["", "åtta röda hus", "Nuvarande lösenord", "Skriv lösenordet du har nu."],
  ["tre glada grannar", "kort", "Nytt lösenord", "Lösenordet behöver minst 8 tecken."],
])("asks for what is missing before it sends: %s %s", (current, wanted, label, words) => {
  show();
  fill(current, wanted);
  expect(said(box(label))).toContain(words);
  expect(document.activeElement).toBe(box(label));
  expect(answer).not.toHaveBeenCalled();
});

it("names a password that was given as that, and can show both", () => {
  show(true);
  expect(box("Lösenordet du fick").type).toBe("password");
  fireEvent.click(screen.getByRole("button", { name: "Visa lösenorden" }));
  expect(box("Lösenordet du fick").type).toBe("text");
  expect(box("Nytt lösenord").type).toBe("text");
});

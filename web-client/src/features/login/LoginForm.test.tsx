import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { beforeAll, beforeEach, expect, it, vi } from "vitest";
import { loadAreas } from "../../i18n";
import { LoginForm } from "./LoginForm";

vi.mock("../../app/config", () => ({
  useConfig: () => ({ demo_logins: [] }),
  useConfigPending: () => false,
}));

const answer = vi.fn<() => Promise<Response>>();

beforeAll(async () => {
  await loadAreas("common", "help");
});

beforeEach(() => {
  answer.mockReset();
  vi.stubGlobal("fetch", answer);
});

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify({ status, code, detail: "words for developers" }), {
    status,
    headers: { "Content-Type": "application/problem+json", ...headers },
  });
}

async function tryToLogIn(response: Response): Promise<void> {
  answer.mockResolvedValue(response);
  render(
    <I18nProvider i18n={i18n}>
      <LoginForm audience="patient" onDone={vi.fn()} />
    </I18nProvider>,
  );
  const form = document.querySelector("form");
  fireEvent.change(screen.getByLabelText("Användarnamn"), { target: { value: "anna" } });
  fireEvent.change(screen.getByLabelText("Lösenord"), { target: { value: "hemligt" } });
  if (form) fireEvent.submit(form);
  await act(() => vi.waitFor(() => expect(answer).toHaveBeenCalledOnce()));
}

it.each([
  [
    429,
    "login.throttled",
    "7",
    "Det har blivit för många försök. Vänta 7 sekunder och försök igen.",
  ],
  [429, "login.throttled", "1", "Det har blivit för många försök. Vänta 1 sekund och försök igen."],
  // Of a shorter wait nobody is told: the request goes again by itself.
  [503, "server.busy", "12", "Många loggar in just nu. Vänta 12 sekunder och försök igen."],
  [
    503,
    "server.storage",
    "12",
    "Det går inte att spara just nu. Det som redan är sparat finns kvar. Vänta en stund och försök igen.",
  ],
])("says at %i %s when to try again, and keeps the name", async (status, code, after, words) => {
  await tryToLogIn(problem(status, code, { "Retry-After": after }));
  const shown = await screen.findByText(words);
  expect(shown.closest("[role=alert]")).not.toBeNull();
  expect(screen.getByLabelText<HTMLInputElement>("Användarnamn").value).toBe("anna");
  expect(screen.getByLabelText<HTMLInputElement>("Lösenord").value).toBe("hemligt");
});

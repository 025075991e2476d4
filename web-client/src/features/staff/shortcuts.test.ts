// @vitest-environment jsdom
import { afterEach, expect, it } from "vitest";

import { shortcutOf } from "./shortcuts";

afterEach(() => {
  document.body.innerHTML = "";
});

function press(markup: string, init: KeyboardEventInit) {
  document.body.innerHTML = markup;
  const target = document.querySelector("[data-target]") ?? document.body;
  let meant: ReturnType<typeof shortcutOf> = null;
  const listen = (event: KeyboardEvent) => {
    meant = shortcutOf(event);
  };
  document.addEventListener("keydown", listen, { once: true });
  target.dispatchEvent(new KeyboardEvent("keydown", { bubbles: true, ...init }));
  return meant;
}

it("means take next on N, large or small", () => {
  expect(press("<button data-target></button>", { key: "n" })).toBe("next");
  expect(press("<button data-target></button>", { key: "N", shiftKey: true })).toBe("next");
});

it("is just a letter where somebody writes, or in a dialog", () => {
  expect(press("<textarea data-target></textarea>", { key: "n" })).toBeNull();
  expect(press("<input data-target>", { key: "n" })).toBeNull();
  expect(press("<dialog open><button data-target></button></dialog>", { key: "n" })).toBeNull();
});

it("leaves the browser's own shortcuts alone, and a key held down", () => {
  expect(press("<p data-target></p>", { key: "n", ctrlKey: true })).toBeNull();
  expect(press("<p data-target></p>", { key: "n", metaKey: true })).toBeNull();
  expect(press("<p data-target></p>", { key: "n", repeat: true })).toBeNull();
  expect(press("<p data-target></p>", { key: "x" })).toBeNull();
});

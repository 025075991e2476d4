import { afterEach, expect, it } from "vitest";
import { forgetInvitation, takeInvitation } from "./invitation";

afterEach(() => {
  forgetInvitation();
  history.replaceState(null, "", "/");
});

it("takes the secret out of the address and keeps it for this tab", () => {
  history.replaceState(null, "", "/gast?lang=sv#secret-of-43-letters");
  const first = takeInvitation();
  expect(first?.token).toBe("secret-of-43-letters");
  expect(location.href).toMatch(/\/gast\?lang=sv$/);
  expect(localStorage).toHaveLength(0);
  expect(takeInvitation()).toEqual(first);
});

it("forgets it when it was used", () => {
  history.replaceState(null, "", "/gast#secret");
  takeInvitation();
  forgetInvitation();
  expect(takeInvitation()).toBeNull();
  expect(sessionStorage).toHaveLength(0);
});

it("takes another link for another invitation, with a key of its own", () => {
  history.replaceState(null, "", "/gast#first");
  const first = takeInvitation();
  history.replaceState(null, "", "/gast#second");
  const second = takeInvitation();
  expect(second?.token).toBe("second");
  expect(second?.key).not.toBe(first?.key);
});

it("makes nothing of what else may stand in the storage", () => {
  for (const left of ["", "[]", "{}", '{"token": 1, "key": 2}', "null", "no json"]) {
    sessionStorage.setItem("vardrum.guest.invitation", left);
    expect(takeInvitation()).toBeNull();
  }
});

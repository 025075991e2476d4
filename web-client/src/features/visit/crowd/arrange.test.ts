import { describe, expect, it } from "vitest";
import { arrange, LAYOUTS, SCREEN, storedLayout, storeLayout } from "./arrange";

const people = ["patient", "relative", "interpreter"];
const there = { people, screen: false, speaker: "relative", signer: null };

describe("who is large", () => {
  it("is who speaks, beside or with the others over it", () => {
    for (const layout of ["speaker", "pip"] as const) {
      expect(arrange({ layout, pinned: null }, there)).toEqual({
        shape: layout,
        main: "relative",
        beside: null,
      });
    }
  });

  it("is the first when nobody has spoken, or who spoke has left", () => {
    for (const speaker of [null, "gone"]) {
      const { main } = arrange({ layout: "speaker", pinned: null }, { ...there, speaker });
      expect(main).toBe("patient");
    }
  });

  it("is nobody in a grid", () => {
    const wanted = { layout: "grid", pinned: null } as const;
    expect(arrange(wanted, there)).toEqual({ shape: "grid", main: null, beside: null });
  });

  it("is a screen that is shared, in every layout", () => {
    for (const layout of LAYOUTS) {
      const found = arrange({ layout, pinned: null }, { ...there, screen: true });
      expect(found.main).toBe(SCREEN);
      expect(found.shape).not.toBe("grid");
    }
  });

  it("is who is pinned before anything else", () => {
    for (const layout of LAYOUTS) {
      const wanted = { layout, pinned: "interpreter" };
      for (const screen of [false, true]) {
        expect(arrange(wanted, { ...there, screen }).main).toBe("interpreter");
      }
    }
  });

  it("is not who was pinned and has left, until they are back", () => {
    const wanted = { layout: "speaker", pinned: "interpreter" } as const;
    const away = { ...there, people: ["patient", "relative"] };
    expect(arrange(wanted, away).main).toBe("relative");
    expect(arrange(wanted, there).main).toBe("interpreter");
  });

  it("is not a screen that was pinned and is shared no longer", () => {
    const wanted = { layout: "grid", pinned: SCREEN } as const;
    expect(arrange(wanted, { ...there, screen: true }).main).toBe(SCREEN);
    expect(arrange(wanted, there)).toEqual({ shape: "grid", main: null, beside: null });
  });
});

describe("who signs", () => {
  const signing = { ...there, signer: "patient" };

  it("is as large as who speaks, and beside them", () => {
    const found = arrange({ layout: "speaker", pinned: null }, signing);
    expect(found).toEqual({ shape: "speaker", main: "relative", beside: "patient" });
  });

  it("is there before anybody has spoken, when they speak themselves, and when they are alone", () => {
    for (const speaker of [null, "patient", "gone"]) {
      const found = arrange({ layout: "speaker", pinned: null }, { ...signing, speaker });
      expect(found).toEqual({ shape: "speaker", main: "relative", beside: "patient" });
    }
    const alone = { ...signing, people: ["patient"] };
    expect(arrange({ layout: "speaker", pinned: null }, alone)).toEqual({
      shape: "speaker",
      main: "patient",
      beside: null,
    });
  });

  it("fills a stage that holds one, and has half of it beside a screen", () => {
    expect(arrange({ layout: "pip", pinned: null }, signing).main).toBe("patient");
    for (const layout of LAYOUTS) {
      for (const pinned of [null, SCREEN]) {
        const found = arrange({ layout, pinned }, { ...signing, screen: true });
        expect(found).toEqual({ shape: "speaker", main: SCREEN, beside: "patient" });
      }
    }
  });

  it("gives way to whom the person pins", () => {
    const found = arrange({ layout: "speaker", pinned: "interpreter" }, signing);
    expect(found).toEqual({ shape: "speaker", main: "interpreter", beside: null });
  });

  it("takes no place when they have left", () => {
    const left = { ...signing, people: ["relative", "interpreter"] };
    expect(arrange({ layout: "speaker", pinned: null }, left).beside).toBeNull();
  });
});

it("remembers the layout for the device, and takes no other word for one", () => {
  expect(storedLayout()).toBe("speaker");
  storeLayout("grid");
  expect(storedLayout()).toBe("grid");
  localStorage.setItem("vardrum.call.layout", "sideways");
  expect(storedLayout()).toBe("speaker");
  localStorage.clear();
});

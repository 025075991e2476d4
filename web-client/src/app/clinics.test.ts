import { expect, it } from "vitest";
import type { Clinic, Service } from "../wire/types";
import { offersOf } from "./clinics";

function clinic(id: string, service: Partial<Service>): Clinic {
  const whole: Service = {
    profession: "doctor",
    open: true,
    closes_at: null,
    next_opening: null,
    waiting: 0,
    wait: { kind: "unknown" },
    ...service,
  };
  return { id, name: id, area: "", services: [whole] };
}

it("the open come first, and the shorter wait before the longer and the unknown", () => {
  const range = (low: number) =>
    ({ kind: "range", low_minutes: low, high_minutes: low + 10 }) as const;
  const clinics = [
    clinic("closed", { open: false }),
    clinic("unknown", {}),
    clinic("long", { wait: range(40) }),
    clinic("short", { wait: range(5) }),
    clinic("other", { profession: "psychologist" }),
  ];
  expect(offersOf(clinics, "doctor").map((offer) => offer.clinic.id)).toEqual([
    "short",
    "long",
    "unknown",
    "closed",
  ]);
});

import { later } from "./later";

/** The visit's room: shown by the router, and fetched ahead for who waits to be called. */
export const VisitRoom = later(
  async () => (await import("../features/visit")).default,
  "help",
  "visit",
  "needs",
);

/** The test of camera, microphone, speaker and network: who waits seldom opens it. */
export const EquipmentTest = later(
  async () => (await import("../features/devicecheck/DeviceCheck")).DeviceCheck,
);

import type { Audience } from "./types";

/** The names under which fetched things are kept: one place, so that a hint finds what it means. */
export const keys = {
  config: ["config"] as const,
  clinics: ["clinics"] as const,
  session: (audience: Audience) => [audience, "session"] as const,
  overview: ["patient", "overview"] as const,
  ticket: (id: string) => ["patient", "ticket", id] as const,
  visits: (audience: Audience) => [audience, "visits"] as const,
  visit: (audience: Audience, id: string) => [audience, "visit", id] as const,
  guests: (audience: Audience, visitId: string) => [audience, "guests", visitId] as const,
  guest: ["guest", "standing"] as const,
  messages: (audience: Audience, visitId: string) => [audience, "messages", visitId] as const,
  duty: ["staff", "duty"] as const,
  board: ["staff", "board"] as const,
  callQuality: (visitId: string) => ["staff", "call_quality", visitId] as const,
};

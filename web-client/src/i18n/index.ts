import { i18n, type Messages } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { useCallback } from "react";
import { chunk } from "../wire/chunk";
import type admin from "./sv/admin.json";
import type common from "./sv/common.json";
import type guest from "./sv/guest.json";
import type help from "./sv/help.json";
import type needs from "./sv/needs.json";
import type password from "./sv/password.json";
import type patient from "./sv/patient.json";
import type people from "./sv/people.json";
import type privacy from "./sv/private.json";
import type staff from "./sv/staff.json";
import type start from "./sv/start.json";
import type visit from "./sv/visit.json";

export type Language = "sv" | "en";
export type Area =
  | "admin"
  | "common"
  | "guest"
  | "help"
  | "needs"
  | "start"
  | "password"
  | "patient"
  | "people"
  | "private"
  | "visit"
  | "staff";
/** Every key of the Swedish catalogue: a key that is not there does not compile. */
export type MessageKey =
  | keyof typeof admin
  | keyof typeof common
  | keyof typeof guest
  | keyof typeof help
  | keyof typeof needs
  | keyof typeof start
  | keyof typeof password
  | keyof typeof patient
  | keyof typeof people
  | keyof typeof privacy
  | keyof typeof staff
  | keyof typeof visit;
type Values = Record<string, string | number>;
export type Translate = (key: MessageKey, values?: Values) => string;

const PLACE = "vardrum.language";
const LOADERS = import.meta.glob<Messages>("./*/*.json", { import: "default" });
const areas = new Set<Area>();

function stored(): Language {
  try {
    return localStorage.getItem(PLACE) === "en" ? "en" : "sv";
  } catch {
    return "sv";
  }
}

async function load(language: Language, wanted: Iterable<Area>): Promise<void> {
  await Promise.all(
    Array.from(wanted, async (area) => {
      const messages = await LOADERS[`./${language}/${area}.json`]?.();
      if (messages) i18n.load(language, messages);
    }),
  );
}

function turnOn(language: Language): void {
  i18n.activate(language);
  document.documentElement.lang = language;
}

/** Fetches the texts of these areas, in the language that is on; lazy pages do it beside their code. */
export async function loadAreas(...wanted: Area[]): Promise<void> {
  const language = i18n.locale === "" ? stored() : (i18n.locale as Language);
  const missing = wanted.filter((area) => !areas.has(area));
  if (missing.length === 0 && i18n.locale !== "") return;
  await load(language, missing);
  for (const area of missing) areas.add(area);
  turnOn(language);
}

export async function setLanguage(language: Language): Promise<void> {
  // Without a network it waits for one, and then does as it was told.
  await chunk(() => load(language, areas));
  try {
    localStorage.setItem(PLACE, language);
  } catch {
    // The choice then lasts as long as the page.
  }
  turnOn(language);
}

export function useLanguage(): Language {
  return useLingui().i18n.locale === "en" ? "en" : "sv";
}

export function useT(): Translate {
  const { i18n: current } = useLingui();
  // `locale` is what makes a new function, and so new texts, when the language changes.
  const { locale } = current;
  return useCallback((key, values) => (locale ? current._(key, values) : key), [current, locale]);
}

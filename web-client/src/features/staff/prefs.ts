/** The clinician's settings on this computer: how the workplace behaves, nothing of any patient. */
import { useSyncExternalStore } from "react";

export interface Prefs {
  /** Single-key shortcuts; some speak or type by other means and need them off (WCAG 2.1.4). */
  shortcuts: boolean;
  /** A sound when a patient arrives in an empty queue. */
  chime: boolean;
  /** A light around the visit when somebody writes or waits to be let in, for who does not hear it. */
  flash: boolean;
}

const KEY = "vardrum.staff.prefs";
const DEFAULTS: Prefs = { shortcuts: true, chime: false, flash: false };

const listeners = new Set<() => void>();
let current: Prefs | undefined;

function readPrefs(): Prefs {
  current ??= parsePrefs(stored());
  return current;
}

export function setPref(name: keyof Prefs, on: boolean): void {
  current = { ...readPrefs(), [name]: on };
  try {
    localStorage.setItem(KEY, JSON.stringify(current));
  } catch {
    // Storage is forbidden here: the setting holds until the page closes.
  }
  for (const listener of listeners) listener();
}

export function usePrefs(): Prefs {
  return useSyncExternalStore(subscribe, readPrefs);
}

/** Reads what is stored; anything that isn't a setting of ours is left out. */
export function parsePrefs(raw: string | null): Prefs {
  let value: unknown;
  try {
    value = JSON.parse(raw ?? "null");
  } catch {
    return DEFAULTS;
  }
  if (typeof value !== "object" || value === null) return DEFAULTS;
  const given = value as Partial<Record<keyof Prefs, unknown>>;
  const read = (name: keyof Prefs): boolean => {
    const stored = given[name];
    return typeof stored === "boolean" ? stored : DEFAULTS[name];
  };
  return { shortcuts: read("shortcuts"), chime: read("chime"), flash: read("flash") };
}

function stored(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}

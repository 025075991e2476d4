/** Single-key shortcuts: only outside text fields and dialogs, and only while they are on. */

export type Shortcut = "next" | "end";

const KEYS: Readonly<Record<string, Shortcut>> = { n: "next", e: "end" };

/** The shortcut that a key press means, or null where a letter is just a letter. */
export function shortcutOf(event: KeyboardEvent): Shortcut | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return null;
  if (event.defaultPrevented || isWriting(event.target)) return null;
  return KEYS[event.key.toLowerCase()] ?? null;
}

function isWriting(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  return (
    target.closest("input, textarea, select, dialog, [role='dialog'], [contenteditable]") !== null
  );
}

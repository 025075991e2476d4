/** System lines cross the wire as codes, and become words where they are read. */
import type { MessageKey, Translate } from "../../i18n";
import type { Role } from "../../wire/types";

export interface Reader {
  readonly role: Role;
  /** The other person; a general word stands in where the name is not known. */
  readonly other: string;
}

const REASONS = [
  "chosen",
  "permission_denied",
  "no_device",
  "media_blocked",
  "connection_lost",
] as const;

/** `mode.chat.permission_denied.patient`, `joined.clinician` … as the reader should hear them. */
export function systemWords(code: string, reader: Reader, t: Translate): string {
  const parts = code.split(".");
  const by = parts.at(-1);
  const whose = by === reader.role ? "you" : "other";
  const values = { name: reader.other };
  const say = (key: MessageKey): string => t(key, values);
  switch (parts[0] ?? "") {
    case "joined":
      return say(`visit.system.joined.${whose}`);
    case "left":
      return say(`visit.system.left.${whose}`);
    case "ended":
      return say(`visit.system.ended.${whose}`);
    case "mode": {
      if (parts[1] === "video") return say(`visit.system.video.${whose}`);
      const reason = REASONS.find((one) => one === parts[2]);
      return reason === undefined
        ? say("visit.system.other")
        : say(`visit.system.chat.${reason}.${whose}`);
    }
    default:
      // A newer server may know lines that this page does not.
      return say("visit.system.other");
  }
}

import type { MessageKey, Translate } from "../../i18n";
import type { Audience, Role, Visit } from "../../wire/types";

export interface Person {
  readonly name: string;
  /** "Läkare" or "34 år": what tells who it is. */
  readonly about: string;
}

export function roleOf(audience: Audience): Role {
  return audience === "patient" ? "patient" : "clinician";
}

/** The other person in the room, as this one should see them. */
export function otherOf(audience: Audience, visit: Visit, t: Translate): Person {
  if (audience === "patient") {
    const profession: MessageKey = `common.profession.${visit.profession}`;
    // The profession rather than the title: it comes in the reader's language.
    return { name: visit.clinician.name, about: t(profession) };
  }
  const { patient } = visit;
  return patient === null
    ? { name: t("visit.someone.patient"), about: visit.clinic_name }
    : { name: patient.name, about: t("visit.age", { age: patient.age }) };
}

import type { Translate } from "../../i18n";
import type { Seat } from "../../wire/generated";
import type { Audience, Role, Visit } from "../../wire/types";
import { otherOf, type Person, roleOf } from "./people";

/** Through whose eyes a call is seen. */
export interface Viewer {
  /** Whom the visit is with: the clinician for a patient, the patient for a clinician. */
  readonly theOther: Role | null;
  /** A clinician must see what is shown to the side; others are glad of a face that fills. */
  readonly careful: boolean;
  /** Oneself hears: what is signed comes by an interpreter's voice. */
  readonly hears: boolean;
  /** How somebody in the call is called here, and in words what they are there as. */
  readonly describe: (seat: Seat, t: Translate) => Person;
}

/** What somebody is there as, and that they sign or read. */
export function partOf(
  { role, communication }: Pick<Seat, "role" | "communication">,
  t: Translate,
): string {
  if (role === "interpreter" && communication === "signs") return t("people.role.sign_interpreter");
  const part = t(`people.role.${role}`);
  return communication === "speech" ? part : t(`people.role.${communication}`, { role: part });
}

export function viewerOf(audience: Audience, visit: Visit): Viewer {
  const theOther = roleOf(audience) === "patient" ? "clinician" : "patient";
  return {
    theOther,
    careful: audience === "staff",
    hears: audience === "staff" || visit.communication === "speech",
    describe: (seat, t) => {
      const part = partOf(seat, t);
      if (seat.role !== theOther) return { name: seat.name, about: part };
      const { name, about } = otherOf(audience, visit, t);
      return { name, about: seat.role === "patient" ? part : about };
    },
  };
}

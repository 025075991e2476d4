import { useT } from "../../i18n";
import type { ApiError } from "../../wire/problem";

/** What happened, what was kept and what to do now, for the errors that this workplace meets. */
export function useProblemText(): (error: ApiError) => string {
  const t = useT();
  return (error) => {
    switch (error.code) {
      case "queue.empty":
        return t("staff.problem.queue_empty");
      case "queue.already_taken":
        return t("staff.problem.already_taken", { name: nameIn(error) ?? t("staff.a_colleague") });
      case "queue.ticket_left":
        return t("staff.problem.ticket_left");
      case "duty.off":
        return t("staff.problem.duty_off");
      case "duty.paused":
        return t("staff.problem.duty_paused");
      case "visit.requeued_once":
        return t("staff.problem.requeued_once");
      case "visit.closed":
      case "visit.illegal_move":
        return t("staff.problem.visit_moved_on");
      case "not_found":
        return t("staff.problem.not_found");
      case "note.empty":
        return t("staff.problem.note_empty");
      case "note.unsaved":
        return t("staff.problem.note_unsaved");
      case "note.stale":
        return t("staff.problem.note_stale");
      case "network.down":
        return t("staff.problem.network");
      case "server.busy":
        return t("staff.problem.busy");
      case "server.storage":
        return t("staff.problem.storage");
      default:
        return t("staff.problem.other", { code: error.code });
    }
  };
}

function nameIn(error: ApiError): string | null {
  const name = error.extra.taken_by;
  return typeof name === "string" && name !== "" ? name : null;
}

import { useT } from "../../i18n";
import { useErrorWords } from "../../ui";
import type { ApiError } from "../../wire/problem";

/** What is in the way, and what to do now. */
export function useProblemText(): (error: ApiError) => string {
  const t = useT();
  const words = useErrorWords();
  return (error) => {
    switch (error.code) {
      case "account.username_taken":
        return t("admin.problem.username_taken");
      case "account.last_administrator":
        return t("admin.problem.last");
      case "admin.own_commission":
        return t("admin.problem.own");
      case "password.too_easy":
        return t("admin.problem.too_easy");
      case "admin.own_password":
        return t("admin.problem.own_password");
      case "admin.not_offered":
        return t("admin.problem.not_offered");
      case "clinic.day_passed":
        return t("admin.problem.day_passed");
      case "clinic.day_too_far":
        return t("admin.problem.day_too_far");
      case "clinic.name_taken":
        return t("admin.problem.clinic_taken");
      case "request.invalid":
        return t("admin.problem.invalid");
      default: {
        const { title, text } = words(error);
        return `${title}. ${text}`;
      }
    }
  };
}

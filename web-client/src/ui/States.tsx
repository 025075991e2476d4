import type { ReactNode } from "react";
import { type MessageKey, useT } from "../i18n";
import type { ApiError } from "../wire/problem";
import { Button } from "./Button";
import { Drawing, type DrawingName } from "./Drawing";
import css from "./States.module.css";

interface EmptyProps {
  drawing: DrawingName;
  title: string;
  /** `h1` where the empty state is the whole page. */
  heading?: "h1" | "h2";
  children?: ReactNode;
  action?: ReactNode;
}

export function EmptyState({
  drawing,
  title,
  heading: Heading = "h2",
  children,
  action,
}: EmptyProps) {
  return (
    <div className={css.state}>
      <Drawing name={drawing} />
      {Heading === "h1" ? (
        <h1 tabIndex={-1} data-page-heading="">
          {title}
        </h1>
      ) : (
        <h2>{title}</h2>
      )}
      {children && <div className={css.text}>{children}</div>}
      {action}
    </div>
  );
}

type ErrorWords = "network" | "busy" | "storage" | "not_found" | "denied" | "session" | "unknown";

/** Which of the few things that a person can understand has happened. */
function wordsFor(error: ApiError): ErrorWords {
  if (error.status === 0) return error.code === "client.error" ? "unknown" : "network";
  if (error.status === 401) return "session";
  if (error.status === 403) return "denied";
  if (error.status === 404) return "not_found";
  if (error.code === "server.storage") return "storage";
  return error.status === 429 || error.status === 503 ? "busy" : "unknown";
}

export function useErrorWords(): (error: ApiError) => { title: string; text: string } {
  const t = useT();
  return (error) => {
    const which = wordsFor(error);
    const title: MessageKey = `help.error.${which}.title`;
    const text: MessageKey = `help.error.${which}.text`;
    return { title: t(title), text: t(text) };
  };
}

interface ErrorProps {
  error: ApiError;
  /** `h1` where the error is the whole page. */
  heading?: "h1" | "h2";
  onRetry?: () => void;
}

export function ErrorState({ error, heading: Heading = "h2", onRetry }: ErrorProps) {
  const t = useT();
  const words = useErrorWords()(error);
  return (
    <div className={css.state} role="alert">
      <Drawing name={error.status === 0 ? "offline" : "trouble"} />
      <Heading>{words.title}</Heading>
      <p className={css.text}>{words.text}</p>
      {onRetry && (
        <Button kind="secondary" icon="refresh" onClick={onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

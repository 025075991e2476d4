import { type FormEvent, useEffect, useRef, useState } from "react";
import { useT } from "../../i18n";
import { Button, Field, Notice } from "../../ui";
import type { Audience } from "../../wire/types";
import css from "./PasswordForm.module.css";
import { SHORTEST, useChangePassword, usePasswordWords } from "./change";

interface Props {
  audience: Audience;
  /** Somebody else gave the password that is to be changed. */
  given?: boolean;
  onDone: () => void;
}

/** The password one has and the one that takes its place; each can be shown instead of typed twice. */
export function PasswordForm({ audience, given = false, onDone }: Props) {
  const t = useT();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [shown, setShown] = useState(false);
  const [tried, setTried] = useState(false);
  const change = useChangePassword(audience, onDone);
  const words = usePasswordWords();
  const form = useRef<HTMLFormElement>(null);
  const short = Array.from(wanted).length < SHORTEST;
  const { error } = change;
  const about = error?.field === "current" || error?.field === "new" ? error.field : null;
  useEffect(() => {
    if (about === null) return;
    const wrong = form.current?.querySelector<HTMLInputElement>(`[name="${about}"]`);
    wrong?.focus();
    wrong?.select();
  }, [about, error]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    const missing = current === "" ? "current" : short ? "new" : null;
    if (missing === null) change.run({ current, new: wanted });
    else form.current?.querySelector<HTMLElement>(`[name="${missing}"]`)?.focus();
  };
  const said = (field: "current" | "new") =>
    error !== null && about === field && !change.busy ? words(error) : null;

  return (
    <form ref={form} className={css.form} onSubmit={submit} noValidate>
      {error !== null && about === null && (
        <Notice tone="danger" live="assertive">
          {words(error)}
        </Notice>
      )}
      <Field
        label={t(given ? "password.current_given" : "password.current")}
        name="current"
        type={shown ? "text" : "password"}
        autoComplete="current-password"
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
        error={tried && current === "" ? t("password.missing") : said("current")}
      />
      <Field
        label={t("password.new")}
        hint={t("password.new_hint", { count: SHORTEST })}
        name="new"
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        maxLength={1000}
        value={wanted}
        onChange={(event) => setWanted(event.target.value)}
        error={tried && short ? t("password.short", { count: SHORTEST }) : said("new")}
        after={
          <Button kind="quiet" size="small" icon="eye" onClick={() => setShown(!shown)}>
            {t(shown ? "password.hide" : "password.show")}
          </Button>
        }
      />
      <Button type="submit" size="large" wide busy={change.busy}>
        {t("password.submit")}
      </Button>
      {!given && <p className={css.hint}>{t("password.others")}</p>}
    </form>
  );
}

import { type FormEvent, useEffect, useRef, useState } from "react";
import { useConfig, useConfigPending } from "../../app/config";
import { useLogin } from "../../app/login";
import { type Translate, useT } from "../../i18n";
import { Avatar, Button, Field, Icon, Loading, Notice, useErrorWords } from "../../ui";
import type { ApiError } from "../../wire/problem";
import type { Audience, DemoLogin, Session } from "../../wire/types";
import css from "./LoginForm.module.css";

interface Props {
  audience: Audience;
  onDone: (session: Session) => void;
  /** In a dialog: no demo choices beyond a few. */
  compact?: boolean;
}

const FEW = 4;

function Choices({
  logins,
  few,
  busy,
  onChoose,
}: {
  logins: DemoLogin[];
  few: number;
  busy: boolean;
  onChoose: (login: DemoLogin) => void;
}) {
  const t = useT();
  const [all, setAll] = useState(false);
  const shown = all ? logins : logins.slice(0, few);
  return (
    <section className={css.demo} aria-labelledby="demo-logins">
      <h2 id="demo-logins" className={css.demoTitle}>
        {t("help.login.demo")}
      </h2>
      <p className={css.hint}>{t("help.login.demo_hint")}</p>
      <ul className={css.choices}>
        {shown.map((login) => (
          <li key={login.username}>
            <button
              type="button"
              className={css.choice}
              disabled={busy}
              onClick={() => onChoose(login)}
            >
              <Avatar name={login.name} size={44} />
              <span className={css.who}>
                <span className={css.name}>{login.name}</span>
                <span className={css.hint}>{aboutDemo(t, login)}</span>
              </span>
              <Icon name="chevron" size={20} />
            </button>
          </li>
        ))}
      </ul>
      {!all && logins.length > few && (
        <Button kind="quiet" size="small" onClick={() => setAll(true)}>
          {t("help.login.demo_more")}
        </Button>
      )}
    </section>
  );
}

/** What tells one demo person from another. */
function aboutDemo(t: Translate, login: DemoLogin): string {
  if (login.profession) return t(`common.profession.${login.profession}`);
  if (login.administrator) return t("help.login.demo_admin");
  return t("help.login.demo_born", { year: String(login.birth_year) });
}

function failure(t: Translate, error: ApiError, words: { title: string; text: string }): string {
  if (error.code === "login.failed") return t("help.login.failed");
  if (error.code === "login.throttled") {
    return t("help.login.throttled", { count: Math.ceil((error.retryAfterMs ?? 30_000) / 1000) });
  }
  if (error.code === "server.busy" && error.retryAfterMs !== null) {
    return t("help.login.busy", { count: Math.ceil(error.retryAfterMs / 1000) });
  }
  return `${words.title}. ${words.text}`;
}

/** User name and password; in the demo also one-press choices, with their own words. */
export function LoginForm({ audience, onDone, compact = false }: Props) {
  const t = useT();
  const { demo_logins: all } = useConfig();
  const errorWords = useErrorWords();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [tried, setTried] = useState(false);
  const login = useLogin(audience, onDone);
  const pending = useConfigPending();
  const passwordField = useRef<HTMLDivElement>(null);
  const failed = login.error?.code === "login.failed";
  useEffect(() => {
    if (failed) passwordField.current?.querySelector("input")?.select();
  }, [failed]);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    setTried(true);
    const missing = username.trim() === "" ? "username" : password === "" ? "password" : null;
    if (missing === null) login.run({ username: username.trim(), password });
    else event.currentTarget.querySelector<HTMLElement>(`[name="${missing}"]`)?.focus();
  };
  const demo = all.filter((one) => one.audience === audience);
  if (pending) return <Loading />;

  return (
    <div className={css.login}>
      {demo.length > 0 && (
        <Choices
          logins={demo}
          few={compact ? 2 : FEW}
          busy={login.busy}
          onChoose={(one) => login.run({ username: one.username, password: one.password })}
        />
      )}
      <form className={css.form} onSubmit={submit} noValidate>
        {demo.length > 0 && <h2 className={css.demoTitle}>{t("help.login.own")}</h2>}
        {login.error && (
          <Notice tone="danger" live="assertive">
            {failure(t, login.error, errorWords(login.error))}
          </Notice>
        )}
        <Field
          label={t("help.login.username")}
          name="username"
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          value={username}
          onChange={(event) => setUsername(event.target.value)}
          error={tried && !username.trim() ? t("help.login.username_missing") : null}
        />
        <div ref={passwordField}>
          <Field
            label={t("help.login.password")}
            name="password"
            type={shown ? "text" : "password"}
            autoComplete="current-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={tried && !password ? t("help.login.password_missing") : null}
            after={
              <Button kind="quiet" size="small" icon="eye" onClick={() => setShown(!shown)}>
                {t(shown ? "help.login.hide" : "help.login.show")}
              </Button>
            }
          />
        </div>
        <Button type="submit" size="large" wide busy={login.busy}>
          {t("help.login.submit")}
        </Button>
      </form>
    </div>
  );
}

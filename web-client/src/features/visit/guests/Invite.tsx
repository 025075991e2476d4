import { type SyntheticEvent, useRef, useState } from "react";
import { useT } from "../../../i18n";
import { Button, Field, Notice, RadioCards } from "../../../ui";
import { useAction } from "../../../wire/hooks";
import { api } from "../../../wire/rest";
import type { Communication, GuestRole } from "../../../wire/types";
import css from "./People.module.css";
import { Problem } from "./Problem";

const PARTS = ["relative", "interpreter", "sign_interpreter", "colleague"] as const;
type Part = (typeof PARTS)[number];

/** An interpreter who signs is one of sign language: her picture goes before the others'. */
function asked(part: Part): { role: GuestRole; communication: Communication } {
  return part === "sign_interpreter"
    ? { role: "interpreter", communication: "signs" }
    : { role: part, communication: "speech" };
}
const LONGEST = 100;

interface Props {
  visitId: string;
  onInvited: () => void;
}

interface Made {
  readonly name: string;
  readonly link: string;
}

/** Asks somebody into the visit: a name, a part, and a link that is shown once. */
export function Invite({ visitId, onInvited }: Props) {
  const t = useT();
  const [name, setName] = useState("");
  const [role, setRole] = useState<Part | null>(null);
  const [missing, setMissing] = useState<"name" | "role" | null>(null);
  const [made, setMade] = useState<Made | null>(null);
  const invite = useAction(
    async (input: { name: string; part: Part }, key) =>
      await api.post(
        `/api/v1/staff/visits/${visitId}/guests`,
        { name: input.name, ...asked(input.part) },
        { key },
      ),
    {
      onSuccess: ({ guest, link }) => {
        onInvited();
        setName("");
        setRole(null);
        // Without one somebody has come with it already: there is nothing left to copy.
        if (link !== null) setMade({ name: guest.name, link });
      },
    },
  );
  const send = (event: SyntheticEvent): void => {
    event.preventDefault();
    const given = name.trim();
    const lacks = given === "" ? "name" : role === null ? "role" : null;
    setMissing(lacks);
    if (lacks === null && role !== null) invite.run({ name: given, part: role });
  };
  return (
    <section className={css.invite} aria-label={t("people.invite")}>
      <h3>{t("people.invite")}</h3>
      {made !== null && <Link made={made} />}
      <form className={css.form} noValidate onSubmit={send}>
        <Field
          label={t("people.invite.name")}
          hint={t("people.invite.name.hint")}
          value={name}
          maxLength={LONGEST}
          autoComplete="off"
          error={missing === "name" ? t("people.invite.name.missing") : null}
          onChange={({ target }) => setName(target.value)}
        />
        <RadioCards
          legend={t("people.invite.role")}
          name="guest-role"
          value={role}
          onChange={setRole}
          options={PARTS.map((value) => ({ value, label: t(`people.invite.role.${value}`) }))}
        />
        {missing === "role" && (
          <Notice tone="warn" live="assertive">
            {t("people.invite.role.missing")}
          </Notice>
        )}
        <Problem error={invite.error} />
        <Button type="submit" kind={made === null ? "primary" : "secondary"} busy={invite.busy}>
          {t("people.invite.make")}
        </Button>
      </form>
    </section>
  );
}

function Link({ made }: { made: Made }) {
  const t = useT();
  const field = useRef<HTMLDivElement>(null);
  const [copied, setCopied] = useState<string | null>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(made.link);
      setCopied(made.link);
    } catch {
      // Not allowed, or no secure context: selected, it can be copied by hand.
      const input = field.current?.querySelector("input");
      input?.focus();
      input?.select();
    }
  };
  return (
    <div ref={field} className={css.link}>
      <Notice tone="ok" live="polite" title={t("people.link.title", { name: made.name })}>
        {t("people.link.text")}
      </Notice>
      <Field
        label={t("people.link.label")}
        value={made.link}
        readOnly
        onFocus={({ target }) => target.select()}
      />
      <Button icon="document" onClick={() => void copy()}>
        {t("people.link.copy")}
      </Button>
      <p role="status">{copied === made.link && t("people.link.copied")}</p>
    </div>
  );
}

import { useDeferredValue, useState } from "react";
import { useAnnounce } from "../../app/announce";
import { useT } from "../../i18n";
import { Button, ErrorState, Field, Loading, StatusPill } from "../../ui";
import { toApiError } from "../../wire/problem";
import type { StaffMember } from "../../wire/types";
import styles from "./Admin.module.css";
import { usePeople } from "./data";
import { NewPerson } from "./NewPerson";
import { PersonDialog } from "./PersonDialog";

/** The staff by name; whoever is chosen opens in a dialog. */
export function People({ me }: { me: string }) {
  const t = useT();
  const announce = useAnnounce();
  const [typed, setTyped] = useState("");
  const text = useDeferredValue(typed.trim());
  const [pages, setPages] = useState(1);
  const people = usePeople(text, pages);
  const [adding, setAdding] = useState(false);
  const [chosen, setChosen] = useState<string | null>(null);
  const found = people.data?.found ?? [];
  const person = found.find(({ id }) => id === chosen);
  return (
    <section className={styles.part1} aria-label={t("admin.people")}>
      <div className={styles.bar}>
        <Field
          type="search"
          label={t("admin.search")}
          value={typed}
          autoComplete="off"
          maxLength={100}
          onChange={(event) => {
            setTyped(event.target.value);
            setPages(1);
          }}
        />
        <Button icon="person" onClick={() => setAdding(true)}>
          {t("admin.new_person")}
        </Button>
      </div>
      {people.data === undefined &&
        (people.error === null ? (
          <Loading />
        ) : (
          <ErrorState error={toApiError(people.error)} onRetry={() => void people.refetch()} />
        ))}
      {people.data !== undefined && (
        <p role="status" className={styles.soft}>
          {found.length === 0
            ? t("admin.nobody")
            : t(people.data.more ? "admin.found_more" : "admin.found", { count: found.length })}
        </p>
      )}
      {found.length > 0 && (
        <ul className={styles.list}>
          {found.map((each) => (
            <PersonRow key={each.id} person={each} onOpen={() => setChosen(each.id)} />
          ))}
        </ul>
      )}
      {people.data?.more && (
        <Button kind="secondary" busy={people.isFetching} onClick={() => setPages(pages + 1)}>
          {t("admin.more")}
        </Button>
      )}
      {adding && (
        <NewPerson
          onClose={() => setAdding(false)}
          onMade={({ id, name, username }) => {
            setAdding(false);
            setTyped(username);
            setPages(1);
            setChosen(id);
            announce(t("admin.made", { name }));
          }}
        />
      )}
      {person !== undefined && (
        <PersonDialog person={person} isMe={person.id === me} onClose={() => setChosen(null)} />
      )}
    </section>
  );
}

function PersonRow({ person, onOpen }: { person: StaffMember; onOpen: () => void }) {
  const t = useT();
  return (
    <li className={styles.card}>
      <div className={styles.words}>
        <p className={styles.name}>{person.name}</p>
        <p className={styles.soft}>
          {person.title === null ? person.username : `${person.title} · ${person.username}`}
        </p>
        <p>
          {person.commissions.length === 0
            ? t("admin.no_commission")
            : person.commissions
                .map((one) =>
                  t("admin.works_as", {
                    profession: t(`common.profession.${one.profession}`),
                    clinic: one.clinic_name,
                  }),
                )
                .join("; ")}
        </p>
      </div>
      <div className={styles.marks}>
        {person.administrator && (
          <StatusPill tone="info" icon="people">
            {t("admin.administrator")}
          </StatusPill>
        )}
        {person.locked && (
          <StatusPill tone="warn" icon="lock">
            {t("admin.locked")}
          </StatusPill>
        )}
      </div>
      <Button
        kind="secondary"
        size="small"
        onClick={onOpen}
        aria-label={t("admin.change_of", { name: person.name })}
      >
        {t("admin.change")}
      </Button>
    </li>
  );
}

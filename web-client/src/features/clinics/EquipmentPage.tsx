import { isProfession } from "../../app/clinics";
import { Suspense, useCallback, useRef } from "react";
import { Redirect } from "wouter";
import { usePageTitle } from "../../app/page";
import { useT } from "../../i18n";
import { Button, Column, ErrorState, Loading, PageHeading } from "../../ui";
import { toApiError } from "../../wire/problem";
import { NotFound } from "../../app/NotFound";
import { EquipmentTest } from "../../app/rooms";
import { useDraft } from "./draft";
import { JoinProblem } from "./JoinProblem";
import type { EquipmentIn, Profession } from "../../wire/types";
import { useJoin, useOffer } from "./useJoin";

/** The last step before the queue: does the equipment work? It can always be skipped. */
export function EquipmentPage({ clinic, profession }: { clinic: string; profession: string }) {
  if (!isProfession(profession)) return <NotFound />;
  return <Equipment clinicId={clinic} profession={profession} />;
}

function Equipment({ clinicId, profession }: { clinicId: string; profession: Profession }) {
  const t = useT();
  const offer = useOffer(clinicId, profession);
  const [draft, , drop] = useDraft(clinicId, profession);
  const join = useJoin(clinicId, profession, drop);
  const equipment = useRef<EquipmentIn | null>(null);
  const keep = useCallback((found: EquipmentIn) => {
    equipment.current = found;
  }, []);
  usePageTitle(t("patient.equipment.title"));
  const here = `/traffa/${clinicId}/${profession}`;
  if (!offer.loaded) {
    if (!offer.error) return <Loading />;
    return <ErrorState error={toApiError(offer.error)} onRetry={() => void offer.refetch()} />;
  }
  const { clinic, service } = offer;
  if (!clinic || !service) return <NotFound />;
  if (!draft.reason.trim() && !join.busy) return <Redirect to={here} replace />;
  const enter = (channel: "video" | "chat") =>
    join.run({
      reason: draft.reason,
      channel,
      communication: draft.communication ?? "speech",
      equipment: equipment.current,
    });
  const above = t("patient.with", {
    profession: t(`common.profession.${service.profession}`),
    clinic: clinic.name,
  });
  return (
    <Column
      back={{ href: `${here}?fraga=2`, label: t("common.back") }}
      above={`${above} · ${t("patient.step", { now: 3, of: 3 })}`}
    >
      <PageHeading lead={t("patient.equipment.lead")}>{t("patient.equipment.title")}</PageHeading>
      <Suspense fallback={<Loading />}>
        <EquipmentTest
          onUseChat={() => enter("chat")}
          onResult={keep}
          footer={(tested) => (
            <>
              <JoinProblem error={join.error} />
              <Button
                size="large"
                kind={tested ? "primary" : "quiet"}
                busy={join.busy}
                onClick={() => enter("video")}
              >
                {t(tested ? "patient.join" : "patient.check.skip")}
              </Button>
            </>
          )}
        />
      </Suspense>
    </Column>
  );
}

import { Suspense, useCallback, useEffect, useRef } from "react";
import { EquipmentTest } from "../../app/rooms";
import { useT } from "../../i18n";
import { Button, Dialog, Loading } from "../../ui";
import { api } from "../../wire/rest";
import type { EquipmentIn, Ticket } from "../../wire/types";
import { latestOnly } from "./latest";

interface Props {
  open: boolean;
  ticketId: string;
  onChanged: (ticket: Ticket) => void;
  onClose: () => void;
}

/** The test while one waits; what it finds goes to the ticket by itself. */
export function TestDialog({ open, ticketId, onChanged, onClose }: Props) {
  const t = useT();
  const found = useRef<EquipmentIn | null>(null);
  const told = useRef(onChanged);
  useEffect(() => {
    told.current = onChanged;
  }, [onChanged]);
  const keeping = useRef<ReturnType<typeof latestOnly<EquipmentIn>> | null>(null);
  const keep = useCallback(() => {
    // Without a network, or called meanwhile: it is a help to the other side, no more.
    keeping.current ??= latestOnly(async (equipment) => {
      const path = `/api/v1/patient/queue-tickets/${ticketId}/equipment` as const;
      told.current(await api.put(path, equipment));
    });
    if (found.current !== null) keeping.current.take(found.current);
  }, [ticketId]);
  const take = useCallback(
    (equipment: EquipmentIn) => {
      found.current = equipment;
      // Each change tells the whole queue: the first comes when the slowest part is known.
      if (equipment.network !== "untested") keep();
    },
    [keep],
  );
  const close = () => {
    keep();
    onClose();
  };
  return (
    <Dialog open={open} onClose={close} title={t("patient.queue.test")} size="wide">
      <Suspense fallback={<Loading />}>
        <EquipmentTest
          onResult={take}
          footer={(tested) => tested && <Button onClick={close}>{t("patient.check.done")}</Button>}
        />
      </Suspense>
    </Dialog>
  );
}

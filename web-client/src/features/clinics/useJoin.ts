import { useQueryClient } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { useClinics } from "../../app/clinics";
import { useAction } from "../../wire/hooks";
import { keys } from "../../wire/keys";
import { api } from "../../wire/rest";
import type { Channel, Communication, EquipmentIn, Profession } from "../../wire/types";

interface Joining {
  reason: string;
  channel: Channel;
  communication: Communication;
  /** What was tested before, if anything was. */
  equipment?: EquipmentIn | null;
}

/** Joins the queue, forgets the draft and goes to the place that one got. */
export function useJoin(clinicId: string, profession: Profession, dropDraft: () => void) {
  const [, go] = useLocation();
  const queries = useQueryClient();
  return useAction(
    ({ reason, equipment = null, ...how }: Joining, key) =>
      api.post(
        "/api/v1/patient/queue-tickets",
        { clinic_id: clinicId, profession, reason: reason.trim(), equipment, ...how },
        { key },
      ),
    {
      onSuccess: (ticket) => {
        dropDraft();
        queries.setQueryData(keys.ticket(ticket.id), ticket);
        void queries.invalidateQueries({ queryKey: keys.overview });
        go(`/ko/${ticket.id}`, { replace: true });
      },
    },
  );
}

/** The clinic and its service that the address names, once they are known. */
export function useOffer(clinicId: string, profession: string) {
  const { data, error, refetch } = useClinics();
  const clinic = data?.find(({ id }) => id === clinicId);
  const service = clinic?.services.find((one) => one.profession === (profession as Profession));
  return { loaded: data !== undefined, clinic, service, error, refetch };
}

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { boardBehind } from "../../../wire/fresh";
import { useLive, useLiveEvent, useLiveStatus, useWatch } from "../../../wire/hooks";
import { keys } from "../../../wire/keys";
import { api } from "../../../wire/rest";
import type { Board, Duty, Profession } from "../../../wire/types";
import { atMostEvery } from "./pace";

const HINTED_MS = 30_000;
const BLOCKED_MS = 5_000;

function boardQuery(enabled: boolean, every: number | false) {
  return {
    queryKey: keys.board,
    queryFn: ({ signal }: { signal: AbortSignal }) => api.get("/api/v1/staff/queue", { signal }),
    enabled,
    refetchInterval: every,
  };
}

/** The board as somebody else on the page has fetched it; fetches it once when it is missing. */
export function useBoardOnce(enabled: boolean): Board | undefined {
  return useQuery({ ...boardQuery(enabled, false), staleTime: HINTED_MS, retry: false }).data;
}

/**
 * The board of the queue that one is on duty for. Hints make it fetch at most once a second; the
 * heartbeat finds what a lost hint would have told; without a socket it polls.
 */
export function useBoard(duty: Duty) {
  const client = useQueryClient();
  const live = useLive("staff");
  const status = useLiveStatus("staff");
  const enabled = duty.state !== "off";
  const board = useQuery(boardQuery(enabled, status === "connected" ? HINTED_MS : BLOCKED_MS));

  const renew = useMemo(
    () => atMostEvery(1000, () => void client.invalidateQueries({ queryKey: keys.board })),
    [client],
  );
  useEffect(() => renew.stop, [renew]);

  const queue = watchable(duty);
  const clinicId = queue?.clinic_id;
  const profession = queue?.profession;
  useEffect(() => {
    if (status !== "connected" || clinicId === undefined || profession === undefined) return;
    live.emit("queue.watch", { clinic_id: clinicId, profession }).then(renew, renew);
    return () => {
      live.emit("queue.unwatch", {}).catch(() => undefined);
    };
  }, [live, status, clinicId, profession, renew]);

  const held = board.data;
  useLiveEvent("staff", "queue.changed", (hint) => {
    const ours = hint.clinic_id === clinicId && hint.profession === profession;
    if (ours && boardBehind(held, hint)) renew();
  });
  useWatch("staff", {
    queue: () => (queue === null ? null : { ...queue, version: held?.version ?? 0 }),
    onSync: (answer) => {
      if (answer === null || (answer.queue !== null && boardBehind(held, answer.queue))) renew();
    },
  });
  return board;
}

function watchable(duty: Duty): { clinic_id: string; profession: Profession } | null {
  if (duty.state === "off" || duty.clinic_id === null || duty.profession === null) return null;
  return { clinic_id: duty.clinic_id, profession: duty.profession };
}

import { useQuery } from "@tanstack/react-query";
import { keys } from "../wire/keys";
import { api } from "../wire/rest";
import type { Clinic, Profession, Service } from "../wire/types";

export const PROFESSIONS = ["doctor", "psychologist", "district_nurse"] as const;

export const PROFESSION_ICON = {
  doctor: "stethoscope",
  psychologist: "mind",
  district_nurse: "bandage",
} as const;

export interface Offer {
  clinic: Clinic;
  service: Service;
}

/** Clinics and how long the wait is: public, and fresh enough to be believed. */
export function useClinics() {
  return useQuery({
    queryKey: keys.clinics,
    queryFn: async ({ signal }) => (await api.get("/api/v1/clinics", { signal })).clinics,
    refetchInterval: 30_000,
  });
}

function minutes({ wait }: Service): number {
  return wait.kind === "range" ? wait.low_minutes : Number.POSITIVE_INFINITY;
}

/** Who offers this profession: the open first, the shortest wait before the longer. */
export function offersOf(clinics: readonly Clinic[], profession: Profession): Offer[] {
  return clinics
    .flatMap((clinic) =>
      clinic.services
        .filter((service) => service.profession === profession)
        .map((service) => ({ clinic, service })),
    )
    .sort((a, b) => {
      if (a.service.open !== b.service.open) return a.service.open ? -1 : 1;
      const [first, second] = [minutes(a.service), minutes(b.service)];
      if (first !== second) return first - second;
      return a.service.waiting - b.service.waiting;
    });
}

export function isProfession(text: string): text is Profession {
  return (PROFESSIONS as readonly string[]).includes(text);
}

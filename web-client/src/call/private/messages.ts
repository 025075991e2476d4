/** What the page and the worker that hides its frames say to each other. */
import type { AllPassed } from "./guard";
import type { Message, Other, Privacy } from "./session";

export type ToWorker =
  | { readonly type: "leg"; readonly leg: number }
  | {
      readonly type: "seated";
      readonly leg: number;
      readonly visit: string;
      readonly me: string;
      readonly others: readonly Other[];
      /** Who sits in each slot, and whose screen comes. */
      readonly slots: readonly (string | null)[];
      readonly screen: string | null;
    }
  | { readonly type: "hear"; readonly leg: number; readonly from: string; readonly data: string }
  | { readonly type: "again"; readonly leg: number }
  | { readonly type: "count"; readonly leg: number; readonly asked: number }
  | { readonly type: "close"; readonly leg: number };

export interface Shown extends Privacy {
  /** Whose sound or picture comes, but can't be read. */
  readonly unread: readonly string[];
}

export type FromWorker =
  | { readonly type: "leg"; readonly leg: number; readonly publicKey: string }
  | { readonly type: "send"; readonly leg: number; readonly messages: readonly Message[] }
  | {
      readonly type: "passed";
      readonly leg: number;
      /** Which question this answers. */
      readonly asked: number;
      readonly passed: AllPassed;
    }
  | { readonly type: "privacy"; readonly leg: number; readonly privacy: Shown };

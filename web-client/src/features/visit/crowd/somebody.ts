import type { Other } from "../seated";

/** Somebody in the call as the others see them: a name, and in words what they are there as. */
export interface Somebody extends Other {
  readonly name: string;
  readonly role: string;
}

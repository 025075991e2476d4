/** What one's own frames leave under: the key in use, the next one, or nothing at all. */
import type { Bytes } from "./bytes";
import { type FrameKey, type Kind, Sealer } from "./frames";
import { TIMES } from "./times";

export class OwnKeys {
  #active: Sealer | null = null;
  #next: { readonly sealer: Sealer; readonly since: number } | null = null;
  /** Somebody can't read what is hidden, so nothing is. Null until it is known who is there. */
  #open: boolean | null = null;
  /** When hiding began in a call that was open until then; null when that is long ago. */
  #turned: number | null = null;

  get hiding(): boolean {
    return this.#open === false;
  }

  /** Everything that is shown was hidden: what came in the clear is not taken any more. */
  get strict(): boolean {
    return this.hiding && this.#turned === null;
  }

  /** The one to tell the others. */
  get newest(): FrameKey | null {
    return (this.#next?.sealer ?? this.#active)?.key ?? null;
  }

  /** Everybody can, or somebody can't. Whether that is a change. */
  hide(hiding: boolean, now: number): boolean {
    if (this.#open === !hiding) return false;
    this.#turned = hiding && this.#open === true ? now : null;
    this.#open = !hiding;
    if (!hiding) [this.#active, this.#next] = [null, null];
    return true;
  }

  /** Use this key as soon as those who are there have it. */
  rotate(key: FrameKey, now: number): void {
    this.#next = { sealer: new Sealer(key), since: now };
  }

  /** `held`: for each other, the key of this device that it has. */
  settle(held: readonly (number | null)[], now: number): void {
    if (this.#turned !== null && now - this.#turned >= TIMES.turning && this.#active !== null) {
      this.#turned = null;
    }
    if (this.#next === null) return;
    const { sealer, since } = this.#next;
    const all = held.every((id) => id === sealer.key.id);
    const old = this.#active?.key.id;
    // Nobody can read what leaves now, neither hidden nor in the clear: nothing to wait for.
    const useless = this.#turned === null && held.every((id) => id !== old);
    if (all || useless || now - since >= TIMES.patience) {
      [this.#active, this.#next] = [sealer, null];
    }
  }

  /** A frame as it may leave; null for none, while it is not known to whom. */
  async seal(kind: Kind, frame: Bytes): Promise<Bytes | null> {
    const turning = this.#turned !== null && this.#active === null;
    if (this.#open === true || turning) return frame;
    return (await this.#active?.seal(kind, frame)) ?? null;
  }

  /** Whether another's frame in the clear may be shown. */
  takesClear(): boolean {
    return this.#open === true || (this.hiding && this.#turned !== null);
  }
}

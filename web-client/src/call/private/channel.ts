/** What two devices say to each other past the server, which carries it and can't read it. */
import { type Bytes, derived, fromText, ofWords, parted, toText } from "./bytes";

const CURVE = { name: "ECDH", namedCurve: "P-256" };
const COUNTER = 8;

/** A device's own pair of keys: made for one leg, and gone with it. */
export interface Identity {
  readonly publicKey: string;
  readonly secret: CryptoKey;
}

export async function freshIdentity(): Promise<Identity> {
  const pair = await crypto.subtle.generateKey(CURVE, false, ["deriveBits"]);
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  return { publicKey: toText(raw), secret: pair.privateKey };
}

export interface End {
  readonly participant: string;
  readonly publicKey: string;
}

async function directed(bits: BufferSource, visit: string, from: End, to: End, use: KeyUsage) {
  const ends = [from.participant, from.publicKey, to.participant, to.publicKey];
  const raw = await derived(bits, parted("vardrum message key 1", visit, ...ends), 32);
  return await crypto.subtle.importKey("raw", raw, "AES-GCM", false, [use]);
}

function nonce(counter: Bytes): Bytes {
  const iv = new Uint8Array(12);
  iv.set(counter, 12 - COUNTER);
  return iv;
}

/**
 * Messages between this device and one other, each direction under a key of its own and numbered:
 * lost ones are, but none is taken twice or after a later one. Keep it as long as the leg lasts:
 * a second one for the same keys would begin to count anew.
 */
export class Channel {
  #sent = 0n;
  #heard = 0n;

  private constructor(
    private readonly out: CryptoKey,
    private readonly incoming: CryptoKey,
  ) {}

  /** Throws when the other's public key is none. */
  static async between(visit: string, own: Identity, me: string, other: End): Promise<Channel> {
    const raw = fromText(other.publicKey);
    const theirs = await crypto.subtle.importKey("raw", raw, CURVE, false, []);
    const how = { name: "ECDH", public: theirs };
    const bits = await crypto.subtle.deriveBits(how, own.secret, 256);
    const mine = { participant: me, publicKey: own.publicKey };
    return new Channel(
      await directed(bits, visit, mine, other, "encrypt"),
      await directed(bits, visit, other, mine, "decrypt"),
    );
  }

  async seal(text: string): Promise<string> {
    const counter = new Uint8Array(COUNTER);
    new DataView(counter.buffer).setBigUint64(0, ++this.#sent);
    const how = { name: "AES-GCM", iv: nonce(counter) };
    const hidden = await crypto.subtle.encrypt(how, this.out, ofWords(text));
    const data = new Uint8Array(COUNTER + hidden.byteLength);
    data.set(counter);
    data.set(new Uint8Array(hidden), COUNTER);
    return toText(data);
  }

  /** Null for what the other has not said, or not said to this device, or said before. */
  async open(text: string): Promise<string | null> {
    try {
      const data = fromText(text);
      const number = new DataView(data.buffer).getBigUint64(0);
      if (number <= this.#heard) return null;
      const how = { name: "AES-GCM", iv: nonce(data.slice(0, COUNTER)) };
      const shown = await crypto.subtle.decrypt(how, this.incoming, data.slice(COUNTER));
      this.#heard = number;
      return new TextDecoder().decode(shown);
    } catch {
      return null;
    }
  }
}

/** Bytes, as WebCrypto takes them and as the socket carries them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** base64url without padding (RFC 4648 section 5). */
export function toText(bytes: Bytes): string {
  const plain = btoa(String.fromCharCode(...bytes));
  return plain.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Throws on what is no base64url, and on another way to write the same bytes. */
export function fromText(text: string): Bytes {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
  // The last letter's spare bits say nothing, so others in its place would be read as well.
  if (toText(bytes) !== text) throw new Error("not base64url");
  return bytes;
}

/** Each part behind its length, so that no two lists of parts give the same bytes. */
export function parted(...parts: readonly (string | Bytes)[]): Bytes {
  const raw = parts.map((part) => (typeof part === "string" ? ofWords(part) : part));
  const all = new Uint8Array(raw.reduce((sum, part) => sum + 4 + part.length, 0));
  const view = new DataView(all.buffer);
  let at = 0;
  for (const part of raw) {
    view.setUint32(at, part.length);
    all.set(part, at + 4);
    at += 4 + part.length;
  }
  return all;
}

export function ofWords(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export async function hash(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** Key material for one purpose, which `info` names (HKDF, RFC 5869, with SHA-256). */
export async function derived(secret: BufferSource, info: Bytes, length: number): Promise<Bytes> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info };
  return new Uint8Array(await crypto.subtle.deriveBits(how, base, 8 * length));
}

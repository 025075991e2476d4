/** Listens to everything that is encrypted: which nonces were used under which octets of key. */
import { vi } from "vitest";

function hex(source: BufferSource): string {
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return Array.from(view, (octet) => octet.toString(16).padStart(2, "0")).join("");
}

export function noncesOf(): { readonly count: number; readonly repeated: readonly string[] } {
  const { subtle } = crypto;
  const octets = new Map<CryptoKey, string>();
  const used = new Set<string>();
  const found = { count: 0, repeated: [] as string[] };
  const importKey = subtle.importKey.bind(subtle) as (...how: unknown[]) => Promise<CryptoKey>;
  const encrypt = subtle.encrypt.bind(subtle);
  vi.spyOn(subtle, "importKey").mockImplementation(async (...how: unknown[]) => {
    const key = await importKey(...how);
    if (how[0] === "raw" && how[2] === "AES-GCM") octets.set(key, hex(how[1] as BufferSource));
    return key;
  });
  vi.spyOn(subtle, "encrypt").mockImplementation((how, key, data) => {
    const name = `${octets.get(key) ?? "a key of unknown octets"} ${hex((how as AesGcmParams).iv)}`;
    if (used.has(name)) found.repeated.push(name);
    used.add(name);
    found.count += 1;
    return encrypt(how, key, data);
  });
  return found;
}

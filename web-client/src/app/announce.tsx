import { createContext, type ReactNode, useCallback, useContext, useRef } from "react";

type Politeness = "polite" | "assertive";
type Announce = (text: string, politeness?: Politeness) => void;

const AnnounceContext = createContext<Announce>(() => undefined);

/** One live region for the whole app: it is on the page before it has anything to say. */
export function AnnounceProvider({ children }: { children: ReactNode }) {
  const polite = useRef<HTMLDivElement>(null);
  const assertive = useRef<HTMLDivElement>(null);
  const announce = useCallback<Announce>((text, politeness = "polite") => {
    const region = (politeness === "polite" ? polite : assertive).current;
    if (!region) return;
    // The same words again are read again only when the node is new.
    const line = document.createElement("p");
    line.textContent = text;
    region.replaceChildren(line);
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <div ref={polite} className="visually-hidden" aria-live="polite" />
      <div ref={assertive} className="visually-hidden" aria-live="assertive" />
    </AnnounceContext>
  );
}

export function useAnnounce(): Announce {
  return useContext(AnnounceContext);
}

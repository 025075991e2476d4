import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode, startTransition } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { configQuery } from "./app/config";
import { sessionQuery } from "./app/current";
import { queries } from "./app/queries";
import { ahead } from "./app/Router";
import { loadAreas } from "./i18n";

/** How long a page's code may hold up the header and the two numbers above it. */
const PATIENCE_MS = 1000;

/**
 * A function, and no `await` of the module's own: the pages' code imports from here, and would wait
 * for this module to end while it waits for them.
 */
async function begin(root: HTMLElement): Promise<void> {
  // Patients come most, and from slower networks: their texts do not wait for their page's code.
  const staff = location.pathname.startsWith("/personal");
  // What nearly every page waits for is asked at once, beside the texts.
  queries.query(configQuery).catch(() => undefined);
  queries.query(sessionQuery(staff ? "staff" : "patient")).catch(() => undefined);
  const texts = staff ? loadAreas("common") : loadAreas("common", "start");
  // A page in one piece is better than one that builds itself up, unless its code is slow to come.
  await Promise.race([ahead(location.pathname), new Promise((go) => setTimeout(go, PATIENCE_MS))]);
  await texts;
  // In slices: on a slow phone the first rendering in one piece keeps a finger waiting.
  startTransition(() => {
    createRoot(root).render(
      <StrictMode>
        <App />
      </StrictMode>,
    );
  });
}

const root = document.getElementById("root");
if (root) void begin(root);

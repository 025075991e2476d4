import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { configQuery } from "./app/config";
import { sessionQuery } from "./app/current";
import { pageAhead } from "./app/PatientPages";
import { queries } from "./app/queries";
import { loadAreas } from "./i18n";

/** How long a page's code may hold up the header and the two numbers above it. */
const PATIENCE_MS = 1000;

const root = document.getElementById("root");
if (root) {
  // Patients come most, and from slower networks: their texts do not wait for their page's code.
  const staff = location.pathname.startsWith("/personal");
  // What nearly every page waits for is asked at once, beside the texts.
  queries.query(configQuery).catch(() => undefined);
  queries.query(sessionQuery(staff ? "staff" : "patient")).catch(() => undefined);
  const texts = staff ? loadAreas("common") : loadAreas("common", "start");
  // A page in one piece is better than one that builds itself up, unless its code is slow to come.
  await Promise.race([
    pageAhead(location.pathname),
    new Promise((go) => setTimeout(go, PATIENCE_MS)),
  ]);
  await texts;
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { configQuery } from "./app/config";
import { sessionQuery } from "./app/current";
import { queries } from "./app/queries";
import { loadAreas } from "./i18n";

const root = document.getElementById("root");
if (root) {
  // Patients come most, and from slower networks: their texts do not wait for their page's code.
  const staff = location.pathname.startsWith("/personal");
  // What nearly every page waits for is asked at once, beside the texts.
  queries.query(configQuery).catch(() => undefined);
  queries.query(sessionQuery(staff ? "staff" : "patient")).catch(() => undefined);
  await (staff ? loadAreas("common") : loadAreas("common", "start"));
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

import "./styles/font.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { loadAreas } from "./i18n";

const root = document.getElementById("root");
if (root) {
  await loadAreas("common");
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

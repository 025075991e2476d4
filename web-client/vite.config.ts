/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { catalogues } from "./scripts/catalogues.ts";
import { lean } from "./scripts/lean.ts";
import { firstPaint } from "./scripts/firstPaint.ts";

const backend = process.env.VARDRUM_BACKEND ?? "http://127.0.0.1:8080";

/**
 * What the start page needs, in two files that are fetched side by side, and what most other pages
 * share in two more. Left alone it is fifty, each compressed on its own and each named in the list
 * of files that the first load carries.
 */
const FILES = [
  {
    name: "base",
    test: /node_modules\/(react|react-dom|scheduler|wouter|regexparam|use-sync-external-store|@lingui|@tanstack)\/(?!.*[iI]nfiniteQueryObserver|.*useInfiniteQuery)/,
    priority: 2,
  },
  {
    name: "start",
    test: /src\/(main|app\/(App|Router|PatientPages|Shell|LoginGate|Crash|announce|clinics|config|page|queries|current|later|rooms)|features\/start\/(EveningHouse|OpenNow|StartPage)|i18n\/\w+|wire\/(rest|problem|keys|sessionGate|online|chunk|fresh|queries)|ui\/(Button|cx|Icon|icons|LanguageSwitch|Logo|Loading|StatusPill))(\.module)?\.(tsx?|css)/,
    priority: 1,
  },
  {
    // One file for what every live page needs: a file more is a name more in the first load.
    name: "live",
    test: /src\/(wire\/(hooks|painted|socket)|features\/visit\/useVisit)\.ts/,
    priority: 1,
  },
  {
    name: "parts",
    test: /src\/(ui\/|app\/(login|tabs|overview|session|traces|NotFound)\.|call\/least\.|media\/|features\/(chat\/outbox|clinics\/draft|login\/LoginForm|needs\/(CommunicationCards|CommunicationDialog|icon|remembered)))/,
    priority: 0,
  },
];

let classes = 0;
const shortNames = new Map<string, string>();

/** The built client's class names are counted, not spelt: nobody reads them there. */
function shortName(name: string, file: string): string {
  const whole = `${file} ${name}`;
  const short = shortNames.get(whole) ?? `_${(classes++).toString(36)}`;
  shortNames.set(whole, short);
  return short;
}

export default defineConfig(({ command }) => ({
  plugins: [catalogues(), lean(), firstPaint(), react()],
  css: command === "build" ? { modules: { generateScopedName: shortName } } : {},
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    manifest: true,
    // Whose code is inside, with their notices, as their licences ask: served as /licences.txt.
    license: { fileName: "licences.txt" },
    // An inlined asset would be a data: URL, which the content security policy refuses.
    assetsInlineLimit: 0,
    // Where it is missing (Safari before 17) chunks are only fetched a little later.
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: FILES } } },
    target: ["chrome111", "firefox115", "safari16.4"],
  },
  server: {
    proxy: {
      "/api": { target: backend, changeOrigin: false },
      "/socket.io": { target: backend, ws: true, changeOrigin: false },
    },
  },
  test: {
    environment: "jsdom",
    // With traces that the server's tests have just recorded, only these are replayed.
    include: [process.env.VARDRUM_TRACES ? "src/**/*.replay.tsx" : "src/**/*.test.{ts,tsx}"],
    setupFiles: ["./src/testing/setup.ts"],
    restoreMocks: true,
  },
}));

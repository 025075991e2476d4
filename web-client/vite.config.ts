/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { catalogues } from "./scripts/catalogues.ts";

const backend = process.env.VARDRUM_BACKEND ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [catalogues(), react()],
  build: {
    outDir: "../server/static",
    emptyOutDir: true,
    manifest: true,
    // An inlined asset would be a data: URL, which the content security policy refuses.
    assetsInlineLimit: 0,
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
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./src/testing/setup.ts"],
    restoreMocks: true,
  },
});

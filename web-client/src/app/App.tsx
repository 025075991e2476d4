import { i18n } from "@lingui/core";
import { I18nProvider } from "@lingui/react";
import { QueryClientProvider } from "@tanstack/react-query";
import { AnnounceProvider } from "./announce";
import { Crash } from "./Crash";
import { LoginGate } from "./LoginGate";
import { queries } from "./queries";
import { Router } from "./Router";

export function App() {
  return (
    <I18nProvider i18n={i18n}>
      <QueryClientProvider client={queries}>
        <AnnounceProvider>
          <Crash>
            <Router />
            <LoginGate />
          </Crash>
        </AnnounceProvider>
      </QueryClientProvider>
    </I18nProvider>
  );
}

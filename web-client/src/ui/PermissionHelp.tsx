import { type MessageKey, useT } from "../i18n";
import css from "./PermissionHelp.module.css";

type Browser = "chrome" | "chrome_android" | "firefox" | "safari" | "ios" | "other";

/** Only to choose which words to show: never to decide what works. */
export function browserOf(agent: string): Browser {
  // An iPad asks for desktop pages as a Mac; only the touch points give it away.
  const touchMac = /Macintosh/.test(agent) && navigator.maxTouchPoints > 1;
  if (/iPhone|iPad|iPod/.test(agent) || touchMac) return "ios";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Chrome\/|Chromium\//.test(agent)) return /Android/.test(agent) ? "chrome_android" : "chrome";
  return /Safari\//.test(agent) ? "safari" : "other";
}

/** The way back after "no" at the permission prompt, in the words of the very browser at hand. */
export function PermissionHelp({ device }: { device: "camera" | "microphone" | "both" }) {
  const t = useT();
  const browser = browserOf(navigator.userAgent);
  const steps = ([1, 2, 3] as const).map(
    (step): MessageKey => `help.permission.${browser}.${step}`,
  );
  return (
    <div className={css.help}>
      <h2>{t(`help.permission.${device}`)}</h2>
      <ol className={css.steps}>
        {steps.map((step) => (
          <li key={step}>{t(step)}</li>
        ))}
      </ol>
    </div>
  );
}

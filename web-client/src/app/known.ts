/** What is around the pages as soon as it is known who the patient is. */
export { CallWatcher } from "../features/queue/CallWatcher";
export { AccountMenu } from "./AccountMenu";
export { RequirePatient } from "./RequirePatient";

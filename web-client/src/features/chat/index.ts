export { Conversation } from "./Conversation";
export { forgetWritten } from "./outbox";

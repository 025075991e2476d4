/** From "whom do you want to meet?" to the queue: walked in one go, so fetched in one. */
export { AskPage } from "../features/clinics/AskPage";
export { ChoosePage } from "../features/clinics/ChoosePage";
export { EquipmentPage } from "../features/clinics/EquipmentPage";
export { QueuePage } from "../features/queue/QueuePage";

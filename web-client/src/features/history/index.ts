export { VisitPage } from "./VisitPage";
export { VisitsPage } from "./VisitsPage";

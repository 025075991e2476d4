export { Director } from "./Director";

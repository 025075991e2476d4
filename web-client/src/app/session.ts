/** Who is logged in, and how one comes and goes. The first page needs only `current`. */
export { useSession } from "./current";
export { useLogout } from "./login";

/** Who is logged in, and how one comes and goes. The first page needs only `current`. */
export { useSession } from "./current";
export { useLogin, useLogout } from "./login";

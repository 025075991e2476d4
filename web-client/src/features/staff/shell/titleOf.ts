import type { Translate } from "../../../i18n";
import type { Account } from "../../../wire/types";

/** What somebody is at work, in the reader's language; her title where she has no commission. */
export function titleOf(t: Translate, account: Account): string {
  const profession = account.commissions?.[0]?.profession;
  return profession ? t(`common.profession.${profession}`) : (account.title ?? "");
}

/** Whether somebody meets patients at all: an administrator need not. */
export function works(account: Account): boolean {
  return (account.commissions ?? []).length > 0;
}

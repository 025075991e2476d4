/** All in milliseconds. */
export const TIMES = {
  /** A new key is used when all have it, or after this long: one who is slow stops nobody. */
  patience: 1_000,
  /** Who is asked for something and does not answer is asked again; less often each time. */
  askAfter: 500,
  askAtMost: 8_000,
  /** How long frames in the clear are still shown when hiding has just begun. */
  turning: 3_000,
  /** How long frames under an older key may still be on their way. */
  late: 5_000,
  /** A code for each change of people, but no faster: each is a guess for who sits in the middle. */
  betweenRounds: 2_000,
  /** How long somebody's frames come and can't be read before it is said. */
  unread: 3_000,
} as const;

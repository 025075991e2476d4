/** The picture that stands beside each word. */
export const ICON = { signs: "hand", reads: "earOff" } as const;

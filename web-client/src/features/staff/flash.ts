/** One sentence that follows the clinician from a visit to the queue ("the patient is back …"). */
let waiting: string | null = null;

export function leaveFlash(text: string): void {
  waiting = text;
}

/** Takes the sentence along; the next page doesn't see it again. */
export function takeFlash(): string | null {
  const text = waiting;
  waiting = null;
  return text;
}

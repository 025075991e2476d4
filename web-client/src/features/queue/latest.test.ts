import { describe, expect, it } from "vitest";
import { latestOnly } from "./latest";

/** A network that answers when the test says so. */
class Network {
  readonly sent: number[] = [];
  readonly #waiting: { resolve: () => void; reject: () => void }[] = [];

  send = (value: number): Promise<void> => {
    this.sent.push(value);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject: () => reject(new Error("gone")) });
    });
  };

  async answer(how: "resolve" | "reject" = "resolve"): Promise<void> {
    this.#waiting.shift()?.[how]();
    await new Promise((resolve) => setTimeout(resolve));
  }
}

describe("the latest of what is found", () => {
  it("goes when what is under way has been answered, and what came in between never", async () => {
    const network = new Network();
    const { take } = latestOnly(network.send);
    for (const value of [1, 2, 3]) take(value);
    expect(network.sent).toEqual([1]);
    await network.answer();
    expect(network.sent).toEqual([1, 3]);
    await network.answer();
    take(3);
    expect(network.sent).toEqual([1, 3]);
  });

  it("stays what it was when it changed back before anything else had left", async () => {
    const network = new Network();
    const { take } = latestOnly(network.send);
    for (const value of [1, 2, 1]) take(value);
    await network.answer();
    expect(network.sent).toEqual([1]);
    take(2);
    expect(network.sent).toEqual([1, 2]);
  });

  it("may be taken again when it was refused", async () => {
    const network = new Network();
    const { take } = latestOnly(network.send);
    take(1);
    await network.answer("reject");
    expect(network.sent).toEqual([1]);
    take(1);
    expect(network.sent).toEqual([1, 1]);
    take(2);
    await network.answer("reject");
    expect(network.sent).toEqual([1, 1, 2]);
  });
});

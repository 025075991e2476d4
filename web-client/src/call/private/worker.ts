/** The worker through which every frame goes; it alone holds keys. */
import { HiddenLeg } from "./leg";
import type { FromWorker, ToWorker } from "./messages";
import type { Transformer, Way } from "./pipe";

/** Of DedicatedWorkerGlobalScope, what is used here (TypeScript knows a file as page or worker). */
interface WorkerScope {
  postMessage(message: FromWorker): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  onrtctransform: ((event: Event & { readonly transformer: Transformer }) => void) | null;
}

const scope = globalThis as unknown as WorkerScope;
const legs = new Map<number, Promise<HiddenLeg>>();

const post = (message: FromWorker): void => scope.postMessage(message);

scope.onmessage = ({ data }) => {
  if (data.type === "leg") {
    legs.set(
      data.leg,
      HiddenLeg.begin(data.leg, post, () => performance.now()),
    );
    return;
  }
  // In the order in which they came: all wait for the same promise.
  void legs.get(data.leg)?.then((leg) => {
    switch (data.type) {
      case "seated":
        leg.seated(data);
        return;
      case "hear":
        leg.hear(data.from, data.data);
        return;
      case "again":
        leg.again();
        return;
      case "count":
        leg.count(data.asked);
        return;
      case "close":
        legs.delete(data.leg);
        leg.close();
    }
  });
};

scope.onrtctransform = ({ transformer }) => {
  const way = transformer.options as Way;
  void legs
    .get(way.leg)
    ?.then((leg) => leg.pipe(transformer, way))
    // The connection was closed; that ends its streams.
    .catch(() => undefined);
};

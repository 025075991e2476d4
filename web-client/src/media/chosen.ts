/** Which camera, microphone and speaker the person chose last; ids mean nothing on other sites. */
export interface ChosenDevices {
  camera?: string;
  microphone?: string;
  speaker?: string;
  camera_on?: boolean;
}

const PLACE = "vardrum.devices";

export const chosenDevices = {
  get(): ChosenDevices {
    try {
      return JSON.parse(localStorage.getItem(PLACE) ?? "{}") as ChosenDevices;
    } catch {
      return {};
    }
  },
  set(part: ChosenDevices): void {
    try {
      localStorage.setItem(PLACE, JSON.stringify({ ...chosenDevices.get(), ...part }));
    } catch {
      // A private window may refuse storage: the choice then lasts as long as the page.
    }
  },
};

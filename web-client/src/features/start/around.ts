/** What comes a moment after the start page's own words: below the fold, or only for some. */
export { DemoHint } from "./DemoHint";
export { Resume } from "./Resume";
export { Steps } from "./Steps";

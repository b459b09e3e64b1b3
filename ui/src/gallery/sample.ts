// What a state of the gallery is made of.
import type { Language } from "../bindings/Language";
import type { Overview } from "../bindings/Overview";
import type { Problem } from "../bindings/Problem";

/** What each state shows; `open` is the page on top of it, `press` what a person pressed or typed then: see act.ts. */
export interface Sample {
  overview: Overview | Problem;
  open?: string;
  press?: string[];
  /** What a command answers with; a problem is a refusal. */
  answers?: Record<string, object>;
}

export type Samples = Record<string, (language: Language) => Sample>;

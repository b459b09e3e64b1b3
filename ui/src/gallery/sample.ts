import type { Language } from "../bindings/Language";
import type { State } from "../bindings/State";
import type { Problem } from "../bindings/Problem";

/** A state: the overview, the page to `open`, and the steps to `press` (act.ts). */
export interface Sample {
  overview: State | Problem;
  open?: string;
  press?: string[];
  /** Results of commands; a problem is thrown. */
  answers?: Record<string, object>;
}

/** A command that never ends. */
export const running = new Promise<never>(() => {});

export type Samples = Record<string, (language: Language) => Sample>;

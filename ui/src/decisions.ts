// Ends of a sign-in that the user chose: shown as notices, not as errors.
import type { Problem } from "./bindings/Problem";

export const isDecision = (problem: Problem): boolean => problem.code === "access_denied";

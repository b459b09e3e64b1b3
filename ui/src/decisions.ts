// Ends of a sign-in that somebody wanted: told like news, not like errors.
import type { Problem } from "./bindings/Problem";

export const isDecision = (problem: Problem): boolean => problem.code === "access_denied";

// How a problem is shown, by its code.
import type { Problem } from "./bindings/Problem";

/** Ends of a sign-in that the user chose: shown as notices, not as errors. */
export const isDecision = (problem: Problem): boolean => problem.code === "access_denied";

const REFERS_TO_DETAIL = ["config_unreadable", "discovery_mismatch", "provider_refused", "registration_refused", "response_malformed"];

/** Whether its next step refers to the detail, which is open then. */
export const refersToDetail = (problem: Problem): boolean => REFERS_TO_DETAIL.includes(problem.code);

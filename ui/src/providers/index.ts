// Marks, colours and button texts of providers: one file each, named after its kind. Its first comment is the brand's rule,
// read in November 2026 from stored copies of the pages; "not read" means that the page was not among them. Marks without
// another source have the shapes of Simple Icons (CC0); the trademarks are the providers'. Publishers of an application take
// the files from the providers' pages and accept their terms.
import type { Component } from "svelte";
import type { Language } from "../bindings/Language";

/** Exported by each file, beside the component that draws the mark on a 24 by 24 grid. */
export interface Provider {
  /** Text of the sign-in button; `label` is the configured name. */
  signIn: Record<Language, (label: string) => string>;
  /** Outside its button, the mark stands on its brand's background. */
  tile?: true;
  /** Hint of the redirect page if most apps need one; `id` ends its URL. Without it, the page is an advanced option. */
  redirectPageHint?: Record<Language, (id: string) => string>;
  /** Where nothing is to be registered for a redirect to this computer: what else is. */
  nothingToRegister?: Record<Language, string>;
}

interface Brand extends Provider {
  id: string;
  Mark: Component;
}

const files = import.meta.glob<{ default: Component; provider: Provider }>("./*.svelte", { eager: true });

export const brands: Brand[] = Object.entries(files).map(([path, { default: Mark, provider }]) => ({
  id: path.slice("./".length, -".svelte".length),
  Mark,
  ...provider,
}));

const fallback = brands.find(({ id }) => id === "oidc")!;

export const brandOf = (kind: string): Brand => brands.find(({ id }) => id === kind) ?? fallback;

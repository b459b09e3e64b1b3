// Brands with their own mark, colours and button text. docs/brands.md has their rules.

const BRANDS = [
  "discord",
  "google",
  "kakao",
  "facebook",
  "github",
  "microsoft",
  "naver",
  "line",
  "email",
] as const;

export type Brand = (typeof BRANDS)[number] | "other";

export const brandOf = (kind: string): Brand => BRANDS.find((brand) => brand === kind) ?? "other";

/** A live Facebook app accepts only https redirect URIs. */
export const requiresHttpsRedirect = (kind: string): boolean => brandOf(kind) === "facebook";

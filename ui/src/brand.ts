// Which brands the window knows by their marks, colours and words. docs/brands.md has their rules.

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

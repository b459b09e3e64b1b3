// Which brands the window knows by their marks, colours and words.

export type Brand = "discord" | "google" | "kakao" | "other";

export const brandOf = (kind: string): Brand =>
  kind === "discord" || kind === "google" || kind === "kakao" ? kind : "other";

// The host in what a user types as a server, to show what the browser will open. Rust decides what it is.

/** `mastodon.social` of `@name@mastodon.social` or `https://mastodon.social/@name`; null if it is no address. */
export function serverOf(typed: string): string | null {
  const text = typed.trim();
  const address = text.includes("://") ? text : `https://${text.includes("/") ? text : text.slice(text.lastIndexOf("@") + 1)}`;
  if (/\s/.test(text)) return null;
  try {
    const { protocol, host, hostname } = new URL(address);
    const known = protocol === "https:" || (protocol === "http:" && hostname === "127.0.0.1");
    return known && host !== "" ? host : null;
  } catch {
    return null;
  }
}

// Ids of providers: the name of the table in providers.toml and a part of the redirect URIs.

export const isId = (id: string): boolean => /^[a-z][a-z0-9-]{0,39}$/.test(id);

/** Derived from the name, else from the host of the issuer: `gitlab` of `https://login.gitlab.example.com`. */
export function proposeId(name: string, issuer: string, taken: string[]): string {
  const id = slug(name) || slug(hostName(issuer));
  if (!id || !taken.includes(id)) return id;
  const free = (n: number): string => (taken.includes(`${id}-${n}`) ? free(n + 1) : `${id}-${n}`);
  return free(2);
}

const slug = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[-0-9]+/, "")
    // Leaves room for a number within 40 characters.
    .slice(0, 36)
    .replace(/-+$/, "");

// Host labels that do not name the company.
const COMMON = ["www", "id", "idp", "login", "auth", "sso", "account", "accounts"];

function hostName(issuer: string): string {
  if (!URL.canParse(issuer)) return "";
  const labels = new URL(issuer).hostname.split(".");
  return labels.find((label) => !COMMON.includes(label)) ?? "";
}

import { avatarUrl, createSession, fetch, signIn } from "tauri-plugin-nameplate-api";

const at = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const session = createSession();

session.subscribe(({ status, user, problem }) => {
  at("name").textContent = [user?.nickname ?? status, problem?.message].filter(Boolean).join(": ");
  at<HTMLImageElement>("picture").src = (user && avatarUrl(user)) ?? "";
});
at("sign-in").onclick = () => signIn("company");
at("ask").onclick = async () => {
  const { account } = session.getSnapshot();
  if (!account) return;
  const response = fetch(account.id, `${account.issuer}/userinfo`);
  at("answer").textContent = await response.then((received) => received.text(), String);
};

// States of adding a bot to a server.
import type { BotAdded } from "../bindings/BotAdded";
import type { Language } from "../bindings/Language";
import { both } from "./cards";
import { permission } from "./engine";
import { LONG_NAME, person, profile, withPerson } from "./fixtures";
import type { Samples } from "./sample";

const added = (l: Language, rest: Partial<BotAdded> = {}): BotAdded => ({
  provider: "aurora",
  label: "Aurora",
  guild: both(l, "하늘 놀이터", "Haneul’s Playground"),
  permissions: [permission(l, "view_channels"), permission(l, "send_messages")],
  ...rest,
});

export const botSamples: Samples = {
  "profile-bot": profile({}, ["more", "add-bot"]),
  "profile-bot-chosen": profile({}, ["more", "add-bot", "bot-permission-1024", "bot-permission-8"]),
  "profile-bot-added": (l) => ({ overview: withPerson(l, person(), { bot: added(l) }) }),
  "profile-bot-added-long": (l) => ({
    overview: withPerson(l, person(), { bot: added(l, { guild: LONG_NAME, permissions: [] }) }),
  }),
};

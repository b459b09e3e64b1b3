// The Rust side of the channel that the page hands over, for tests and the gallery.
import type { State } from "../bindings/State";

interface Messages {
  onmessage: (overview: State) => void;
}

export interface Watching {
  /** Keeps the channel of `watch_state`; whether the command was that one. */
  takes: (command: string, given: unknown) => boolean;
  tell: (overview: State) => void;
}

export function watching(): Watching {
  let channel: Messages | null = null;
  return {
    takes(command, given) {
      if (command !== "watch_state") return false;
      channel = (given as { channel: Messages }).channel;
      return true;
    },
    tell: (overview) => channel?.onmessage(overview),
  };
}

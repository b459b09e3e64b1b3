// What jsdom lacks and the window has.

if (typeof window !== "undefined") {
  // axe asks for a canvas, jsdom has none and says so each time.
  HTMLCanvasElement.prototype.getContext = () => null;
  window.scrollTo = () => undefined;
  window.matchMedia = (media) => Object.assign(new EventTarget(), { matches: false, media }) as MediaQueryList;
}

// Browser features that jsdom lacks.

if (typeof window !== "undefined") {
  // axe asks for a canvas; jsdom has none and warns each time.
  HTMLCanvasElement.prototype.getContext = () => null;
  window.scrollTo = () => undefined;
  window.matchMedia = (media) => Object.assign(new EventTarget(), { matches: false, media }) as MediaQueryList;
}

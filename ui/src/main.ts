import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { restoreZoom } from "./shortcuts";
import { start, view } from "./state.svelte";

mount(App, { target: document.body });
restoreZoom();
// A page that has its first state shows it before it asks for a newer one. A hidden page has no frames.
if (view.overview && !document.hidden) requestAnimationFrame(() => setTimeout(start));
else void start();

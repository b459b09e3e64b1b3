import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { restoreZoom } from "./shortcuts";
import { start } from "./state.svelte";

mount(App, { target: document.body });
void start();
restoreZoom();

import { options, render } from "preact";
import { loadFeatures, messageOf } from "./api";
import { App } from "./app";
import { takeToken } from "./token";
import "./style.css";

// An address with another token, opened in this tab, only changes the part after the number sign.
window.addEventListener("hashchange", () => {
  if (location.hash.includes("token=")) {
    takeToken();
    location.reload();
  }
});

// Render before the next event. By default this version of Preact renders later, and then writes an
// older text into a field in which the user goes on typing.
options.debounceRendering = queueMicrotask;

const place = document.getElementById("console");
if (place) {
  loadFeatures().then(
    (features) => render(<App features={features} />, place),
    (error) => render(<p class="problem">The service did not answer: {messageOf(error)}</p>, place),
  );
}

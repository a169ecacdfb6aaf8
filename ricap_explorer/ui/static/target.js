// The image that the networks look at. Where it is the patched one, it is what the Patch tab shows, also after a new draw.
const PARTS = ["slots", "beta", "seed", "moved"];
const drawn = () => document.rxPatch && Object.fromEntries(PARTS.map((name) => [name, document.rxPatch.state[name]]));
const follow = () => {
  const now = drawn(), { patch } = props.value || {};
  if (!now || !patch || PARTS.every((name) => JSON.stringify(now[name]) === JSON.stringify(patch[name]))) return;
  props.value = { patch: now };
  trigger("submit");
};
new IntersectionObserver(([entry]) => entry.isIntersecting && follow()).observe(element);
document.addEventListener("rx-drawn", () => element.offsetParent && follow()); // a link that opens this tab draws, too
document.addEventListener("rx-pick", (event) => {
  if (innerWidth > 900 || !event.target.closest("#rx-cam-gallery")) return;
  const { top, bottom } = event.target.getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) return; // an upload that ends when something else is read
  document.querySelector("#rx-looks").scrollIntoView({ block: "start" }); // on a phone it is far above
});

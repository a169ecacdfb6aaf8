// The line between two maps on one picture stays where it was dragged, also when other maps come.
let at = 50, before = at;
const isWipe = ({ target }) => target.matches(".rx-wipe input");
const keep = () => {
  const slider = element.querySelector(".rx-wipe input");
  if (slider) slider.value = at;
};
const follow = ({ target }) => {
  at = target.valueAsNumber;
  element.style.setProperty("--at", at);
};
element.addEventListener("input", (event) => isWipe(event) && follow(event));
element.addEventListener("pointerdown", (event) => isWipe(event) && (before = at));
element.addEventListener("pointercancel", (event) => {
  if (!isWipe(event)) return;
  event.target.value = before; // the finger scrolls the page
  follow(event);
});
new MutationObserver(keep).observe(element, { childList: true, subtree: true });

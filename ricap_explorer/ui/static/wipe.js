// The line between two maps on one picture stays where it was dragged, also when other maps come.
let at = 50;
const keep = () => {
  const slider = element.querySelector(".rx-wipe input");
  if (slider) slider.value = at;
};
element.addEventListener("input", ({ target }) => {
  if (!target.matches(".rx-wipe input")) return;
  at = target.valueAsNumber;
  element.style.setProperty("--at", at);
});
new MutationObserver(keep).observe(element, { childList: true, subtree: true });

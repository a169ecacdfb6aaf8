// Sections that the server computes from the Patch tab's state, but only while they are on the screen.
for (const section of element.querySelectorAll("[data-ask]")) {
  const ask = server[section.dataset.ask], answer = section.querySelector(".rx-answer");
  const say = (text) => {
    const told = Object.assign(document.createElement("p"), { className: "rx-hint", textContent: text });
    answer.replaceChildren(told);
  };
  let visible = false, stale = true, asking = false, failed = false, timer = 0;
  const refresh = async () => {
    if (!visible || !stale || asking || !document.rxPatch) return;
    [stale, asking, failed] = [false, true, false];
    try {
      const { html, error } = await ask(document.rxPatch.state);
      if (html) answer.innerHTML = html;
      else say(error); // rather nothing than another draw's
    } catch {
      failed = true;
      say("the server did not answer; it is asked again when this comes back into sight");
    }
    asking = false;
    refresh();
  };
  const soon = () => {
    stale = true;
    clearTimeout(timer);
    timer = setTimeout(refresh, 150);
  };
  new IntersectionObserver(([entry]) => {
    visible = entry.isIntersecting;
    stale ||= failed;
    refresh();
  }).observe(section);
  document.addEventListener("rx-drawn", soon);
}
element.addEventListener("click", (event) => {
  const chosen = event.target.closest("[data-seed]");
  if (chosen) document.dispatchEvent(new CustomEvent("rx-seed", { detail: chosen.dataset.seed }));
});

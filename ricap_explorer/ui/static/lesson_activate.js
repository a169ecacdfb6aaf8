// A class activation map taken apart: the server is asked once the chapter is seen, then whenever a menu changes.
const activatePart = inPart(".rx-activate");
const activateMenus = ["picture", "network", "class"].map((name) => [name, activatePart(`.rx-activate-${name}`)]);
const takeActivate = taker(activatePart, ".rx-apart", () => activatePart(".rx-score").textContent);
const askActivate = lastOf((state) => server.activated(state), (answer) => {
  if (answer.html) activateSeen.disconnect();
  takeActivate(answer);
});
const activateNow = () => askActivate(Object.fromEntries(activateMenus.map(([name, menu]) => [name, menu.value])));
for (const [, menu] of activateMenus) menu.addEventListener("input", activateNow);
const activateSeen = new IntersectionObserver(([entry]) => entry.isIntersecting && activateNow());
activateSeen.observe(find(".rx-activate"));

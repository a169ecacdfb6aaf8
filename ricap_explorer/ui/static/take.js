// Take it away: files, lines and the link of what the Patch tab shows; and a plan that is brought back in.
const find = (selector) => element.querySelector(selector);
const say = (text) => (find(".rx-alert").textContent = text || "");
const shown = (name) => find(`[data-text="${name}"]`);
let visible = false, stale = true;

const refresh = async () => {
  stale = true;
  if (!visible || !document.rxPatch) return;
  stale = false;
  const { state } = document.rxPatch;
  const answer = await asked(() => server.lines(state));
  if (document.rxPatch.state !== state) return; // of a draw before: that which is shown has been asked for, too
  stale = Boolean(answer.error);
  say(answer.error);
  for (const name of ["python", "shell"]) shown(name).textContent = answer[name] ?? ""; // rather none than old ones
  find(".rx-uploads").textContent = answer.uploads ?? "";
  find(".rx-beside").hidden = !state.moved;
};
new IntersectionObserver(([entry]) => {
  visible = entry.isIntersecting;
  if (visible && stale) refresh();
}).observe(element);
document.addEventListener("rx-drawn", refresh);
const asFigure = find(".rx-as-figure");
let link = location.href;
const showLink = () => (shown("link").textContent = link + (asFigure.checked ? "&view=plain" : ""));
document.addEventListener("rx-linked", (event) => {
  link = event.detail;
  showLink();
});
asFigure.addEventListener("change", showLink);
showLink();

const save = async (kind) => {
  say("");
  const { uri, name, error } = await asked(() => server.file({ state: document.rxPatch.state, kind }));
  if (error) return say(error);
  Object.assign(document.createElement("a"), { href: uri, download: name }).click();
  find(".rx-took").textContent = `${name} saved`;
};
const bring = async (text) => {
  say("");
  const { moved, error } = await asked(() => server.plan(text));
  if (error) return say(error);
  document.dispatchEvent(new CustomEvent("rx-plan", { detail: moved }));
  find(".rx-took").textContent = "The plan is shown";
  document.querySelector("#rx-patch").scrollIntoView();
};
const copy = async (button, name) => {
  try {
    await navigator.clipboard.writeText(shown(name).textContent);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(shown(name)); // where the browser keeps the clipboard closed
    button.textContent = "Selected";
  }
  setTimeout(() => (button.textContent = "Copy"), 2000);
};
element.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || !document.rxPatch) return;
  if (button.dataset.file) save(button.dataset.file);
  if (button.dataset.copy) copy(button, button.dataset.copy);
  if (button.matches(".rx-use-plan")) bring(find("textarea").value);
});
element.addEventListener("dragover", (event) => event.preventDefault());
element.addEventListener("drop", async (event) => {
  event.preventDefault();
  const { file } = document.rxBrought(event);
  if (!file) return;
  if (file.size > 2 ** 20) return say("a plan's JSON must have at most 1 MB");
  bring((find("textarea").value = await file.text()));
});

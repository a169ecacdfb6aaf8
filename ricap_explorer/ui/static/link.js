// The address bar follows what is shown; a button copies it. Python says which parameters there are and how each value
// is written (ui/link.py).
const said = element.querySelector(".rx-link-said");
const openTab = () => document.querySelector('#rx-tabs [role="tab"][aria-selected="true"]')?.dataset.tabId;
const readable = (text) => encodeURIComponent(text).replace(/%2C/g, ",").replace(/%3A/g, ":");
document.rxLink = async (names, writers, values) => {
  await new Promise((done) => setTimeout(done)); // a tab that has just been opened is marked by then
  const params = Object.fromEntries(new URLSearchParams(location.search));
  for (const name of [...names, "tab"]) delete params[name];
  Object.assign(params, { tab: openTab() }, ...writers.map((write, k) => write(values[k])));
  const query = Object.entries(params).filter(([, text]) => text).map(([name, text]) => `${name}=${readable(text)}`);
  history.replaceState(history.state, "", `${location.pathname}?${query.join("&")}`);
  document.dispatchEvent(new CustomEvent("rx-linked", { detail: location.href }));
  return [];
};
document.addEventListener("rx-follow", (event) => {
  props.value = event.detail;
  trigger("submit");
});
element.addEventListener("click", async (event) => {
  if (!event.target.closest(".rx-copy-link")) return;
  try {
    await navigator.clipboard.writeText(location.href);
    said.textContent = "Copied.";
  } catch {
    said.textContent = "Copy the address bar: the browser keeps the clipboard closed.";
  }
  setTimeout(() => (said.textContent = ""), 4000);
});

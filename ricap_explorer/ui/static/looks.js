// What the networks answer, for those who hear the page: the place stands before its words do.
const place = document.createElement("p");
place.className = "rx-spoken";
place.setAttribute("role", "status");
element.after(place);
const text = (node, selector) => node.querySelector(selector)?.textContent.trim() ?? "";
const tell = () => {
  const said = [...element.querySelectorAll(".rx-model")]
    .map((model) => `${text(model, "h2")}: ${text(model, ".rx-top .rx-name")}, ${text(model, ".rx-top b")}`)
    .join("; ");
  if (said && said !== place.textContent) place.textContent = said;
};
new MutationObserver(tell).observe(element, { childList: true, subtree: true, characterData: true });
tell();

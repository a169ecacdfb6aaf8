// Maps to be compared stand side by side on a phone, too: there few networks are set as tightly as many are elsewhere.
const phone = matchMedia("(max-width: 600px)");
const cam = element.closest("#rx-tab-cam");
const pair = () => {
  for (const row of cam.querySelectorAll(".rx-models:not(.rx-tight), .rx-models.rx-paired")) {
    const paired = phone.matches && row.children.length > 1;
    for (const name of ["rx-tight", "rx-paired"]) row.classList.toggle(name, paired);
  }
};
phone.addEventListener("change", pair);
new MutationObserver(pair).observe(cam, { childList: true, subtree: true });

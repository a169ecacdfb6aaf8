// What Gradio's markup leaves unsaid to who listens: whether a section is open, what a group of choices asks, a tab's panel.
const unsaid = () => {
  for (const button of document.querySelectorAll(".gradio-container .label-wrap"))
    button.ariaExpanded = button.classList.contains("open");
  for (const group of document.querySelectorAll(".gradio-container fieldset"))
    group.ariaLabel = group.querySelector('[data-testid="block-info"], legend')?.textContent.trim() || null;
  for (const tab of document.querySelectorAll('#rx-tabs [role="tab"][aria-controls]')) {
    const panel = document.getElementById(tab.getAttribute("aria-controls"));
    if (panel) panel.ariaLabel = tab.textContent.trim();
  }
};
let told = 0;
new MutationObserver(() => (told ||= setTimeout(() => ((told = 0), unsaid()), 100))).observe(
  document.querySelector(".gradio-container"), { subtree: true, childList: true, attributes: true, attributeFilter: ["class"] });
unsaid();

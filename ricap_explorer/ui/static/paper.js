// Paper is white: of a dark page the light one is printed.
let dark = false;
addEventListener("beforeprint", () => {
  dark = document.body.classList.contains("dark");
  document.body.classList.remove("dark");
});
addEventListener("afterprint", () => document.body.classList.toggle("dark", dark));

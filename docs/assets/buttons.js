// The two labels that are a telephone's buttons in the header take no focus: what is in them becomes a button, by keyboard, too.
// Enter and Space open, Escape closes, and their state is said.
for (const [name, words] of Object.entries({drawer: "Navigation", search: "Search"})) {
  const toggle = document.getElementById(`__${name}`);
  const button = document.createElement("span");
  const say = () => button.setAttribute("aria-expanded", toggle.checked);
  button.role = "button";
  button.tabIndex = 0;
  button.ariaLabel = words;
  button.dataset.opens = name;
  const label = document.querySelector(`.md-header__button[for="__${name}"]`);
  button.append(...label.childNodes);
  label.append(button);
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    toggle.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !toggle.checked) return;
    toggle.click();
    button.focus();
  });
  toggle.addEventListener("change", say);
  say();
}
// The box of a copy button is no landmark.
document$.subscribe(() => document.querySelectorAll(".md-code__nav").forEach((box) => box.setAttribute("role", "none")));

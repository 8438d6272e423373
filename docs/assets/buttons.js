// The two buttons that a telephone shows in the header, by keyboard: Enter and Space open, Escape closes, and their state is said.
for (const button of document.querySelectorAll("[data-opens]")) {
  const toggle = document.getElementById(`__${button.dataset.opens}`);
  const say = () => button.setAttribute("aria-expanded", toggle.checked);
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
